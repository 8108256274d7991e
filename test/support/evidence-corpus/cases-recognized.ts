// What a file is taken for by its first bytes and a statement without its report.
import { type CorpusCase, KEY, oneCase, refusedCase, WRONG_KEY } from './case.ts';
import { whole } from './changed-pdfs.ts';

export function recognizedCases(): CorpusCase[] {
  const note = Buffer.from(whole.note as string);
  const statement = (name: string, bytes: Buffer, options: readonly string[], marks: string) =>
    oneCase(`statement alone, ${name}`, bytes, options, marks);
  const behind = (name: string, bytes: Uint8Array) =>
    oneCase(`JSON behind ${name}`, Buffer.concat([bytes, whole.json]), KEY, 'x-------');
  const spaces = (count: number) => Buffer.from(' '.repeat(count));
  return [
    statement('of its key', note, KEY, '--------'),
    statement('without a key', note, [], '--------'),
    statement('of another key', note, WRONG_KEY, '-x------'),
    statement('cut', note.subarray(0, -3), KEY, '-x------'),
    statement(
      'with a line more',
      Buffer.from(`${whole.note}`.replace('\n\n', '\nmore\n\n')),
      KEY,
      '-x------',
    ),
    statement('of another version', Buffer.from(`${whole.note}`.replace('/v1', '/v2')), KEY, '-x------'),
    behind('70 spaces', spaces(70)),
    behind('two byte order marks', Buffer.from('\ufeff\ufeff')),
    behind('half a byte order mark', Buffer.from('bbef', 'hex')),
    oneCase('JSON that is no report, behind a space', Buffer.from(' {}'), KEY, 'x-------'),
    ...[
      ...[
        '{"event_proof":{}}',
        '{"event_proof":{},"x":1}',
        '{"event_proof":{} }',
        '{"event_proof":',
        '{"range_proof":[]}',
      ],
      ...[
        '{"a":1,"event_proof":{}}',
        '{"a":1,"range_proof":{}}',
        '{"a":1,"report":{}}',
        '{"x":1 }',
        '{"report":{}}',
      ],
    ].map((text) => oneCase(`JSON ${text}`, Buffer.from(text), KEY, 'x-------')),
    refusedCase('JSON that is no report', [Buffer.from('{}'), ...KEY], 1),
    refusedCase('spaces alone', [spaces(70), ...KEY], 1),
  ];
}
