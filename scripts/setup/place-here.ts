// Where a command looks for programs that it needs, and keeps those that it fetches.
import { cacheFolder } from './cache-folder.ts';

export type PlaceHere = Readonly<{
  path: string;
  cacheDir: string;
  say(line: string): void;
  signal: AbortSignal;
}>;

/** The place of a command that talks to its caller. Downloads and installations stop when `signal` aborts. */
export function placeHere(signal: AbortSignal): PlaceHere {
  return {
    path: process.env.PATH ?? '',
    cacheDir: cacheFolder(process.env),
    say: (line) => console.log(line),
    signal,
  };
}
