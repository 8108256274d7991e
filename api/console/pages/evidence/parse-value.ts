import { isId } from '../../../../shared/audit/ids.ts';
import { decodeBase64 } from '../../../../shared/transparency/exact-text.ts';

/** What a reader pastes to be told what it is. */
export type Value =
  | Readonly<{ kind: 'report' | 'session'; id: string }>
  /** A root or a SHA-256: 64 hex digits, in small letters. */
  | Readonly<{ kind: 'hash'; hex: string }>;

const SHA256_SIZE = 32;

/** Reads an id of a report or a session, or a hash in hex or, as statements have it, in base64; null for any other text. */
export function parseValue(text: string): Value | null {
  const value = text.trim();
  if (/^[0-9a-f]{64}$/i.test(value)) return { kind: 'hash', hex: value.toLowerCase() };
  const bytes = decodeBase64(value);
  if (bytes?.length === SHA256_SIZE) return { kind: 'hash', hex: Buffer.from(bytes).toString('hex') };
  const kind = (['report', 'session'] as const).find((each) => isId(each, value));
  return kind ? { kind, id: value } : null;
}
