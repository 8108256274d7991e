// What a cluster gets to do: sessions are written, listed and reported on, and an export is imported again and again.
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleDir, readExpected } from '../bundles.ts';
import { runScript } from '../commands.ts';
import { type Notes, writeOn } from '../persistent-writer.ts';
import type { Cluster } from './cluster.ts';

const WRITERS = 4;
const PAUSE_MS = 100;
const READ_EVERY_MS = 150;
const PDF_EVERY_MS = 4_000;
const IMPORT_EVERY_MS = 20_000;
/** Stored by the first one; the others find it as it is. */
const IMPORT = [bundleDir('clinic-week'), '--account', (await readExpected('clinic-week')).account_id];
/** In characters, of an answer that is wrong. */
const SHOWN = 300;

export type Writing = Readonly<{ token: string; agentId: string; notes: Notes }>;

export type Asked = Readonly<{
  /** Answers by what was asked for and the status, such as `list 200`. */
  answers: Readonly<Record<string, number>>;
  /** Answers that no fault explains. */
  wrong: readonly string[];
}>;

/** Works until `isOver`. Rejects where a write is refused for good. */
export async function work(cluster: Cluster, writing: Writing, isOver: () => boolean): Promise<Asked> {
  const { url } = cluster;
  const { token, notes } = writing;
  const answers: Record<string, number> = {};
  const wrong: string[] = [];
  const count = (what: string) => {
    answers[what] = (answers[what] ?? 0) + 1;
  };
  async function ask(what: string, path: string): Promise<void> {
    try {
      const response = await fetch(`${url}/api/v1${path}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(60_000),
      });
      const text = await response.text();
      count(`${what} ${response.status}`);
      // 404: a session that was lost in the window of mongo-java-server. What says when to ask again is an answer, too.
      const isRight = [200, 404].includes(response.status) || response.headers.has('retry-after');
      if (!isRight) wrong.push(`${what}: ${response.status} ${text.slice(0, SHOWN)}`);
    } catch (error) {
      count(`${what} none`);
      wrong.push(`${what}: ${error instanceof Error ? `${error.name} ${error.message}` : 'no error'}`);
    }
  }
  async function repeat(everyMs: number, part: () => Promise<void>): Promise<void> {
    while (!isOver()) {
      await part();
      await sleep(everyMs);
    }
  }
  const someEnded = () => notes.ended.at(-1 - Math.floor(Math.random() * 50))?.sessionId;
  async function askReport(format: 'json' | 'pdf'): Promise<void> {
    const id = someEnded();
    if (id !== undefined) await ask(format, `/sessions/${id}/report?format=${format}`);
  }
  const target = { url: () => url, token, agentId: writing.agentId, notes, pauseMs: PAUSE_MS };
  await Promise.all([
    ...Array.from({ length: WRITERS }, () => writeOn(target, isOver)),
    repeat(READ_EVERY_MS, () => ask('list', '/sessions?limit=25')),
    repeat(READ_EVERY_MS, () => ask('sums', '/stats/redactions?since=1d')),
    repeat(READ_EVERY_MS, () => askReport('json')),
    repeat(PDF_EVERY_MS, () => askReport('pdf')),
    repeat(PDF_EVERY_MS, () => ask('wide', '/reports?since=1h&exceptions=list')),
    repeat(IMPORT_EVERY_MS, async () => {
      const { code, stdout, stderr } = await runScript('import.ts', IMPORT, cluster.env);
      count(`import exit ${code}`);
      // 1: the database was away.
      if (code !== 0 && code !== 1) wrong.push(`import: ${stdout.slice(-SHOWN)}${stderr.slice(-SHOWN)}`);
    }),
  ]);
  return { answers, wrong };
}
