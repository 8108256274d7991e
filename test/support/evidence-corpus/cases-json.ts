// JSON in other spellings than the canonical one, of other shapes, and files that are not ours.
import { type CorpusCase, KEY, oneCase, refusedCase } from './case.ts';
import { packOf, sessionPdf } from './containers.ts';
import { eventProof, rangeProof } from './event-proofs.ts';
import type { Changes } from './json-edit.ts';
import { makeReport, type ReportTraits } from './session-reports.ts';
import { SESSIONS } from './sessions.ts';
import { makeWide } from './wide-reports.ts';

const { sealed } = SESSIONS;

const spelled = (change: (text: string) => string) => (bytes: Buffer) =>
  Buffer.from(change(bytes.toString('utf8')));
const inserted = (hex: string) => (bytes: Buffer) => {
  const at = bytes.indexOf('Riverside');
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(hex, 'hex'), bytes.subarray(at)]);
};

const SPELLINGS: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  'a byte order mark': (bytes) => Buffer.concat([Buffer.from('efbbbf', 'hex'), bytes]),
  'a line end behind it': spelled((text) => `${text}\n`),
  'a space before it': spelled((text) => ` ${text}`),
  'a second document behind it': spelled((text) => `${text}{}`),
  'a zero byte behind it': spelled((text) => `${text}\0`),
  'a space within': spelled((text) => text.replace('":', '": ')),
  'a line end within': spelled((text) => text.replace(',', ',\n')),
  'a name twice': spelled((text) =>
    text.replace('"id":"rep_', '"id":"rep_01KQN89WGRBPJ4AAGAHJXMZY70","id":"rep_'),
  ),
  'a name twice with the same value': spelled((text) =>
    text.replace('"scope":"session"', '"scope":"session","scope":"session"'),
  ),
  'a name twice, once escaped': spelled((text) =>
    text.replace('"scope":"session"', '"scope":"session","\\u0073cope":"account"'),
  ),
  'a name twice in a nested object': spelled((text) =>
    text.replace('"name":"Riverside Clinic"', '"name":"Riverside Clinic","name":"Lakeside"'),
  ),
  'a name twice in the envelope': spelled((text) => text.replace('{"report":', '{"report":{},"report":')),
  '__proto__ twice': spelled((text) => text.replace('"__proto__":1', '"__proto__":1,"__proto__":1')),
  'members in another order': spelled((text) =>
    text.replace(/"id":("[^"]*"),("name":"Riverside Clinic")/, '$2,"id":$1'),
  ),
  'a number with a fraction of zero': spelled((text) =>
    text.replace('"redaction_count":5', '"redaction_count":5.0'),
  ),
  'a number with an exponent': spelled((text) =>
    text.replace('"redaction_count":5', '"redaction_count":5e0'),
  ),
  'a number with a zero before it': spelled((text) =>
    text.replace('"redaction_count":5', '"redaction_count":05'),
  ),
  'a number with a plus': spelled((text) => text.replace('"redaction_count":5', '"redaction_count":+5')),
  'minus zero': spelled((text) => text.replace('"duration_ms":', '"duration_ms":-0,"z":')),
  'a number beyond a double': spelled((text) =>
    text.replace('"redaction_count":5', '"redaction_count":1e400'),
  ),
  'a number of more digits than a double holds': spelled((text) =>
    text.replace('"redaction_count":5', '"redaction_count":12345678901234567890'),
  ),
  NaN: spelled((text) => text.replace('"redaction_count":5', '"redaction_count":NaN')),
  'a letter escaped': spelled((text) => text.replace('Riverside', '\\u0052iverside')),
  'a slash escaped': spelled((text) => text.replace('Riverside', 'River\\/side')),
  'an escape in capitals': spelled((text) => text.replace('Riverside', 'River\\u001Fside')),
  'a line end within a text': inserted('0a'),
  'an unknown escape': spelled((text) => text.replace('Riverside', 'River\\xside')),
  'half a surrogate pair': spelled((text) => text.replace('Riverside', 'River\\ud83dside')),
  'bytes that are not UTF-8': inserted('ff'),
  'UTF-8 longer than needed': inserted('c1bf'),
  'a surrogate in UTF-8': inserted('eda080'),
  'a comma too many': spelled((text) => text.replace('}}', ',}}')),
  'a comment': spelled((text) => text.replace('{"report"', '{/**/"report"')),
  'single quotes': spelled((text) => text.replace('"report"', "'report'")),
  'its last brace missing': spelled((text) => text.slice(0, -1)),
  'its second half missing': spelled((text) => text.slice(0, text.length >> 1)),
  'a hundred thousand brackets': spelled((text) =>
    text.replace('"redaction_count":5', `"redaction_count":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  ),
};

/** Reports in canonical form that are no report. */
const SHAPES: Readonly<Record<string, Changes>> = {
  'another scope': { scope: 'fleet' },
  'no scope': { scope: undefined },
  'no id': { id: undefined },
  'a time that is a number': { generated_at: 5 },
  'a root that is null': { merkle_root_hex: null },
  'a session id that is a list': { session_id: [] },
  'an account that is a text': { account: 'acc' },
  'a log that is a list': { audit_log: [] },
  'a count that is a text': { 'audit_log.event_count': '7' },
  'an end that is missing': { 'audit_log.end_hash': undefined },
  'kinds that are a list': { redactions_by_kind: [] },
  'passes that are null': { redactions_by_pass: null },
  'a redaction count that is missing': { redaction_count: undefined },
  'no agent': { agent: undefined },
  'no policy': { policy: undefined },
  'no session': { session: undefined },
  'no policy text': { policy_snapshot: undefined },
};

export function jsonCases(): CorpusCase[] {
  const traits = (bytes: (json: Buffer) => Buffer): ReportTraits => ({ session: sealed, bytes });
  const bothOf = ({ json, note }: ReturnType<typeof makeReport>) => [json, Buffer.from(note as string)];
  const again = (file: Buffer, change: (text: string) => string) =>
    Buffer.from(change(file.toString('utf8')));
  return [
    ...Object.entries(SPELLINGS).flatMap(([name, bytes]) => {
      const parts = makeReport(traits(bytes));
      if (parts.json.equals(makeReport({ session: sealed }).json)) throw new Error(`${name} changes nothing`);
      return [
        oneCase(`JSON with ${name}, signed`, bothOf(parts), KEY, 'x-------'),
        oneCase(`JSON with ${name}, without a key`, parts.json, [], 'x-------'),
      ];
    }),
    ...['a name twice', 'a byte order mark', 'a number with an exponent'].flatMap((name) => {
      const parts = makeReport(traits(SPELLINGS[name] as (bytes: Buffer) => Buffer));
      return [
        oneCase(`JSON with ${name}, signed, in a PDF`, sessionPdf(parts), KEY, 'x-------'),
        oneCase(`JSON with ${name}, signed, in a pack`, packOf(parts), KEY, 'x-------'),
        oneCase(
          `JSON with ${name}, signed, in a pack with its PDF`,
          packOf(parts, undefined, undefined, sessionPdf(parts)),
          KEY,
          'x-------',
        ),
      ];
    }),
    oneCase(
      'report without its policy text, signed, in a pack',
      packOf(makeReport({ session: sealed, report: { policy_snapshot: undefined } })),
      KEY,
      'x-------',
    ),
    ...Object.entries(SHAPES).map(([name, report]) =>
      oneCase(
        `report with ${name}, signed`,
        bothOf(makeReport({ session: sealed, report })),
        KEY,
        'x-------',
      ),
    ),
    oneCase(
      'report with a member beside it',
      again(makeReport({ session: sealed }).json, (text) => text.replace(/\}$/, ',"sent_by":"mail"}')),
      KEY,
      'x-------',
    ),
    oneCase('report that is a list', Buffer.from('{"report":[]}'), KEY, 'x-------'),
    ...['audit_log', 'sessions_total'].map((name) =>
      oneCase(
        `report on an account without ${name}`,
        makeWide({ report: { [name]: undefined } }).json,
        KEY,
        'x-------',
      ),
    ),
    oneCase(
      'report on an account without its sessions',
      makeWide({ report: { sessions: undefined } }).json,
      KEY,
      'x-------',
    ),
    oneCase(
      'report on an account with a session that is a text',
      makeWide({ report: { 'sessions.0': 'one' } }).json,
      KEY,
      'x-------',
    ),
    oneCase(
      'report on an account with a session without its root',
      makeWide({ report: { 'sessions.0.root_hex': undefined } }).json,
      KEY,
      'x-------',
    ),
    oneCase(
      'event proof with a space',
      again(eventProof(sealed, 2), (text) => text.replace(':', ': ')),
      KEY,
      'x-------',
    ),
    oneCase(
      'event proof with a name twice',
      again(eventProof(sealed, 2), (text) => text.replace('"index":2', '"index":2,"index":3')),
      KEY,
      'x-------',
    ),
    oneCase(
      'range proof with a line end behind it',
      again(rangeProof(sealed, 2, 4), (text) => `${text}\n`),
      KEY,
      'x-------',
    ),
    ...strangers(),
  ];
}

function strangers(): CorpusCase[] {
  const stranger = (name: string, bytes: Buffer) => refusedCase(`not ours: ${name}`, [bytes, ...KEY], 1);
  return [
    stranger('another JSON object', Buffer.from('{"hello":1}')),
    stranger('an empty JSON object', Buffer.from('{}')),
    stranger('a JSON list', Buffer.from('[1]')),
    stranger('a text', Buffer.from('To whom it may concern\n')),
    stranger('an empty file', Buffer.alloc(0)),
    stranger('a picture', Buffer.from('89504e470d0a1a0a0000000d', 'hex')),
    stranger(
      'a PDF behind other bytes',
      Buffer.concat([Buffer.from('\n'), sessionPdf(makeReport({ session: sealed }))]),
    ),
    refusedCase('not ours: a file that is not there', ['files/not-there.pdf', ...KEY], 1),
  ];
}
