// Reports that earlier revisions of the program issued, as files. Each is on a session of the clinic's export.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../data/reports');

/** The session that all of them are on. */
export const REPORTED_SESSION = 'sess_01KQN89WGRBPJ4AAGAHJXMZY71';

/** Of a report on a session. `3-account` and `6-account` are over the account's sessions of an hour. */
export type IssuedRevision = 1 | 2 | 3 | '3-account' | 4 | 5 | 6 | '6-account';

/** An issued report of the revision, as JSON and as the PDF that carries it. */
export function issuedReport(revision: IssuedRevision): Readonly<{ json: Uint8Array; pdf: Uint8Array }> {
  const read = (type: string) => readFileSync(join(FOLDER, `revision-${revision}.${type}`));
  return { json: read('json'), pdf: read('pdf') };
}
