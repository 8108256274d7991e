// Files as large as a program takes, and larger: too large for the corpus, which is written as often as a verifier is changed.
import { naiveSign } from '../naive-chain.ts';
import { inPage } from './changed-pdfs.ts';
import { sessionPdf } from './containers.ts';
import { makeReport } from './session-reports.ts';
import { AUDIT_KEY, headHashOf, makeSession } from './sessions.ts';

const MIB = 1024 * 1024;

/** A genuine PDF with as many entries as one carries, each nearly as long as entries may be. */
export function pdfOfLongEntries(write = () => 'lorem ipsum '.repeat(2680)): Buffer {
  const { id, agentId } = makeSession({ name: '44', size: 0 });
  const entries: string[] = [];
  for (let seq = 0; seq < 2000; seq += 1) {
    entries.push(
      naiveSign(AUDIT_KEY.bytes, {
        ...{ seq, kind: 'note', session_id: id, agent_id: agentId, prev_hash: headHashOf(entries) },
        event_id: `evt_01KQN89WGRBPJ4AAGA${String(seq).padStart(8, '0')}`,
        ts: new Date(Date.UTC(2026, 4, 2, 21, 7, 54) + seq).toISOString(),
        text: write(),
      }),
    );
  }
  return sessionPdf(makeReport({ session: makeSession({ name: '44', size: 0, entries, state: 'open' }) }));
}

/** A PDF of more bytes than any program takes. Whether it is one otherwise, nobody says. */
const pdfBeyondLimit = (): Buffer => Buffer.alloc(64 * MIB + 1, '%PDF-1.7\n');

/** A PDF of more bytes outside of its packed streams than any report. */
const pdfOfLongText = (): Buffer => inPage(`(${'a'.repeat(8 * MIB)})`);

export const LARGE_PDFS = [
  { name: 'a genuine PDF with 65 MB of entries', make: () => pdfOfLongEntries(), marks: 'vvv-----' },
  { name: 'a PDF beyond the limit', make: pdfBeyondLimit, marks: '--------' },
  { name: 'a PDF with a text of 8 MiB', make: pdfOfLongText, marks: '--------' },
] as const;
