import type { AnyReport } from '../../../shared/reports/report-schema.ts';
import { visitReports } from '../../../shared/reports/visit-schema.ts';

/** The values of all typed fields as they print, squeezed, each once. Free text and keys of Maps are left out. */
export function collectTypedValues(report: AnyReport): Set<string> {
  const values = new Set<string>();
  COLLECT[report.scope](report, values);
  return values;
}

/** A text without its spaces: where a page breaks a value, or prints it in groups, spaces come and go. */
export function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}

type Collect = (value: unknown, into: Set<string>) => void;

const COLLECT = visitReports<Collect>({
  nullable: (inner) => (value, into) => {
    if (value !== null) inner(value, into);
  },
  array: (element) => (value, into) => {
    for (const item of value as readonly unknown[]) element(item, into);
  },
  object: (members) => (value, into) => {
    for (const [name, member] of members) member((value as Record<string, unknown>)[name], into);
  },
  record: (_, member) => (value, into) => {
    for (const count of (value as ReadonlyMap<string, unknown>).values()) member(count, into);
  },
  freeText: () => () => {},
  typed: () => (value, into) => {
    into.add(squeeze(String(value)));
    if (typeof value === 'number') into.add(value.toLocaleString('en-US'));
  },
});
