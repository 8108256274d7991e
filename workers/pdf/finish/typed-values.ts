// What a report holds in fields that have a type, and how those values print. They are taken out of a text before it
// is searched: a quarter of all digests spell something that looks like a social security number.
import { hash } from 'node:crypto';
import { z } from 'zod';
import { ID_PREFIXES } from '../../../shared/audit/ids.ts';
import { FREE_TEXT } from '../../../shared/reports/report-fields.ts';
import { type Report, reportSchema } from '../../../shared/reports/report-schema.ts';

/** Neither a letter, a digit, nor what may stand within a number. */
const TAKEN_OUT = '|';
const ALONE = (body: string) => new RegExp(`(?<![\\p{L}\\p{N}_])${body}(?![\\p{L}\\p{N}_])`, 'gu');
const ID = ALONE(`(?:${Object.values(ID_PREFIXES).join('|')})_(?:\\s*[0-9A-HJKMNP-TV-Z]){26}`);
/** The root's first digits stand in the foot. */
const DIGITS = [64, 16].map((count) => ALONE(`[0-9a-f](?:\\s?[0-9a-f]){${count - 1}}`));

export type TypedValues = Readonly<{
  /** Whether a whole piece of text is one such value, or a part of one that a page break cut. */
  has(text: string): boolean;
  takeOut(text: string): string;
}>;

export function typedValuesOf(report: Report, reportJson: Uint8Array): TypedValues {
  const values = new Set([hash('sha256', reportJson), report.merkle_root_hex.slice(0, 16)]);
  collect(reportSchema, report, values);
  const all = [...values].join('\n');
  const takeOutOf = (text: string, pattern: RegExp) => {
    pattern.lastIndex = 0;
    let rest = '';
    let from = 0;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      // Matches may overlap: a digit before a digest must not hide it.
      if (values.has(squeeze(match[0]))) {
        rest += text.slice(from, match.index) + TAKEN_OUT;
        from = pattern.lastIndex;
      } else pattern.lastIndex = match.index + 1;
    }
    return rest + text.slice(from);
  };
  return {
    has: (text) => all.includes(squeeze(text)),
    takeOut: (text) => [ID, ...DIGITS].reduce(takeOutOf, text),
  };
}

function collect(schema: z.core.$ZodType, value: unknown, into: Set<string>): void {
  if (value === null || value === undefined) return;
  if (schema instanceof z.ZodNullable) collect(schema.unwrap(), value, into);
  else if (schema instanceof z.ZodObject) {
    for (const [name, member] of Object.entries(schema.shape)) {
      collect(member, (value as Record<string, unknown>)[name], into);
    }
  } else if (schema instanceof z.ZodArray) {
    for (const item of value as unknown[]) collect(schema.element, item, into);
  } else if (schema instanceof z.ZodRecord) {
    for (const member of (value as Map<string, unknown>).values()) collect(schema.valueType, member, into);
  } else if (!(schema instanceof z.ZodString && FREE_TEXT.has(schema))) {
    into.add(squeeze(String(value)));
    if (typeof value === 'number') into.add(value.toLocaleString('en-US'));
  }
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}
