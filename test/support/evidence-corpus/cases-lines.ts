// Files of more lines than the report states, or of lines that are no entries: a small file unpacks to millions.
import { type CorpusCase, KEY, oneCase } from './case.ts';
import { sessionPdf } from './containers.ts';
import { makeReport, ndjson } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide, widePdf } from './wide-reports.ts';

const { sealed } = SESSIONS;

const times = (count: number, line: string): string[] => Array.from({ length: count }, () => line);

export function lineCases(): CorpusCase[] {
  const entries = (name: string, lines: readonly string[], stated: number, marks: string) =>
    oneCase(
      `PDF with ${name}`,
      sessionPdf(
        makeReport({
          session: sealed,
          entries: () => lines,
          evidence: null,
          missing: 'not logged yet',
          report: { 'audit_log.event_count': stated },
        }),
      ),
      KEY,
      marks,
    );
  const logged = (name: string, count: number, marks: string) =>
    oneCase(
      `account report with ${name}`,
      widePdf(makeWide({ lines: (lines) => ndjson([...lines, ...times(count, lines[0] as string)]) })),
      KEY,
      marks,
    );
  const texts = sealed.entries;
  const [first] = texts as readonly [string];
  return [
    entries('ten entries more than stated', [...texts, ...times(10, first)], texts.length, 'vvx-----'),
    entries('eleven entries more than stated', [...texts, ...times(11, first)], texts.length, 'x-------'),
    entries('ten lines that are no entries', times(10, '0'), 1e6, 'vvx-----'),
    entries('eleven lines that are no entries', times(11, '0'), 1e6, 'x-------'),
    entries('eleven lines of no session', times(11, '{"session_id":1}'), 1e6, 'x-------'),
    entries('line ends alone', ['', '', ''], 3, 'x-------'),
    entries('a line of 64 KiB', [`"${'x'.repeat(65_534)}"`], 1, 'vvx-----'),
    entries('a line longer than 64 KiB', [`"${'x'.repeat(65_535)}"`], 1, 'x-------'),
    logged('ten lines more than are proven', 10, 'vvv-x---'),
    logged('eleven lines more than are proven', 11, 'x-------'),
  ];
}
