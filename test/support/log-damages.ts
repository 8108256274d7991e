import { createAuditKey } from '../../shared/audit/audit-keys.ts';
import { canonicalize, type JsonObject, parseJson } from '../../shared/audit/canonical-json.ts';
import { unsignedText } from '../../shared/audit/entry.ts';
import { newId } from '../../shared/audit/ids.ts';
import { TEST_KEY } from './audit-world.ts';

// Two segments are full, the third is not: 256 is a segment boundary.
export const SIZE = 600;
export const PLACES = { first: 0, middle: 130, 'segment-boundary': 256, last: SIZE - 1 };

/** Signs members as the key holder could, so that the log has no other fault than the one a test makes. */
export function sign(members: JsonObject): string {
  const key = createAuditKey(TEST_KEY);
  const unsigned = Buffer.from(unsignedText(members));
  const digest = Buffer.alloc(32);
  key.hasher.begin(Buffer.from(members.get('prev_hash') as string, 'hex'));
  key.hasher.add(unsigned, 0, unsigned.length);
  key.hasher.finish(digest);
  return canonicalize(new Map(members).set('this_hash', digest.toString('hex')));
}

export const parse = (text: string) => parseJson(text) as JsonObject;
export const flip = (text: string) => text.replace(/"span":\[(\d+)/, (_, n) => `"span":[${Number(n) + 1}0`);

export type Damage = (texts: string[], at: number) => { texts: string[]; seq?: number };
export const DAMAGES: Record<string, { fault: string; damage: Damage; places?: (keyof typeof PLACES)[] }> = {
  'a changed value': {
    fault: 'altered',
    damage: (texts, at) => ({ texts: texts.with(at, changeToken(texts[at]!)) }),
  },
  'text that is not JSON': { fault: 'malformed', damage: (texts, at) => ({ texts: texts.with(at, '{') }) },
  'a space between members': {
    fault: 'malformed',
    damage: (texts, at) => ({ texts: texts.with(at, texts[at]!.replace(',', ', ')) }),
  },
  'a signed entry with a missing field': {
    fault: 'malformed',
    damage: (texts, at) => {
      const members = parse(texts[at]!);
      members.delete('kid');
      return { texts: texts.with(at, sign(members)) };
    },
  },
  'a signed entry with an ill-typed field': {
    fault: 'malformed',
    damage: (texts, at) => ({ texts: texts.with(at, sign(parse(texts[at]!).set('token_kind', 7))) }),
  },
  "another session's entry": {
    fault: 'foreign',
    damage: (texts, at) => ({
      texts: texts.with(at, sign(parse(texts[at]!).set('session_id', newId('session')))),
    }),
  },
  "another agent's entry": {
    fault: 'foreign',
    damage: (texts, at) => ({
      texts: texts.with(at, sign(parse(texts[at]!).set('agent_id', newId('agent')))),
    }),
  },
  'an entry stored twice': {
    fault: 'duplicate',
    damage: (texts, at) => ({ texts: texts.toSpliced(at, 0, texts[at]!), seq: at + 1 }),
  },
  'a second entry after the same one': {
    fault: 'fork',
    damage: (texts, at) => ({
      texts: texts.toSpliced(at + 1, 0, sign(parse(texts[at]!).set('kid', 'K_OTHER'))),
      seq: at + 1,
    }),
  },
  'an entry that stands later than it should': {
    fault: 'reordered',
    damage: (texts, at) => ({ texts: [...texts.toSpliced(at, 1), texts[at]!] }),
    places: ['first', 'middle', 'segment-boundary'],
  },
  'two entries exchanged': {
    fault: 'reordered',
    damage: (texts, at) => ({ texts: texts.with(at - 1, texts[at]!).with(at, texts[at - 1]!), seq: at - 1 }),
    places: ['middle', 'segment-boundary', 'last'],
  },
  'an entry taken out': {
    fault: 'gap',
    damage: (texts, at) => ({ texts: texts.toSpliced(at, 1) }),
    places: ['first', 'middle', 'segment-boundary'],
  },
  'the last entry taken out': {
    fault: 'truncated',
    damage: (texts, at) => ({ texts: texts.toSpliced(at, 1) }),
    places: ['last'],
  },
};

export function changeToken(text: string): string {
  return text.includes('MSKV1') ? text.replace('MSKV1', 'MSKV2') : flip(text);
}
