// The cases of the evidence corpus as a page is given them: files and options in place of arguments.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WrittenCase } from '../evidence-corpus/make-corpus.ts';
import type { CorpusFolder } from './corpus-folder.ts';

/** Files in base64, so that they reach another process. */
export type Given = Readonly<{ files: readonly string[]; options: Readonly<Record<string, unknown>> }>;

/** What each option gives. */
const PARTS = {
  '--key': 'keys',
  '--witness': 'witnesses',
  '--require': 'require',
  '--audit-key-file': 'auditKeys',
} as const;

/** A page has no command line: it is given no option that does not exist, and no file that is not there. */
export function isForPages({ args }: WrittenCase): boolean {
  const isKnown = (each: string) => !each.startsWith('--') || each in PARTS;
  const isThere = (each: string) => each !== '-' && !each.includes('not-there');
  return args.every(isKnown) && args.at(-1) !== '--key' && args.every(isThere);
}

export function givenOf({ folder }: CorpusFolder, { args }: WrittenCase): Given {
  const files: string[] = [];
  const options = { keys: [] as string[], witnesses: [] as string[], require: [] as string[] };
  let auditKeys: string | null = null;
  for (let i = 0; i < args.length; i += 1) {
    const part = PARTS[args[i] as keyof typeof PARTS];
    if (part === undefined) {
      files.push(readFileSync(join(folder, args[i] as string)).toString('base64'));
      continue;
    }
    i += 1;
    const value = args[i] as string;
    if (part === 'auditKeys') auditKeys = readFileSync(join(folder, value), 'utf8');
    else if (part === 'require') options.require = value.split(',');
    else options[part].push(value);
  }
  return { files, options: { ...options, auditKeys } };
}
