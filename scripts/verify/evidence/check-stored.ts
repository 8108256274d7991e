// What the database says of a report whose evidence was checked by itself: the stored log, the report's fields, the ledger.

import { parseConfig } from '../../../shared/process/config.ts';
import { findMongodbUri } from '../../../shared/process/services.ts';
import type { StatedReading } from '../../../shared/reports/read-report.ts';
import { readStatedReport } from '../../../shared/reports/read-report.ts';
import type { Finding } from '../axis.ts';
import { checkStore } from '../check-store.ts';
import { checkWide } from '../check-wide.ts';
import type { Verdict } from './verdict.ts';

export type StoredVerdict = Verdict & Readonly<{ axis: 'stored log' | 'stored report' | 'ledger' }>;

/** Nothing where no database is configured and none runs. */
export async function checkStored(json: Buffer): Promise<StoredVerdict[]> {
  if (!(await hasDatabase())) return [];
  let reading: StatedReading;
  try {
    reading = readStatedReport(json);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ axis: 'stored report', verdict: 'failed', detail }];
  }
  if (!reading.known) {
    return [
      { axis: 'stored report', verdict: 'not checked', detail: `it is of revision ${reading.revision}` },
    ];
  }
  const { report } = reading;
  const { log, statements, ledger } =
    report.scope === 'session' ? await checkStore(report, json) : await checkWide(report, json);
  return [
    { axis: 'stored log', ...verdictOf(log) },
    { axis: 'stored report', ...verdictOf(statements) },
    { axis: 'ledger', ...verdictOf(ledger) },
  ];
}

async function hasDatabase(): Promise<boolean> {
  try {
    await findMongodbUri(parseConfig(process.env));
    return true;
  } catch {
    // Settings that a server refuses must not keep a file from being checked by itself.
    return false;
  }
}

/** A finding in the words of evidence. */
export function verdictOf({ status, detail }: Finding): Verdict {
  return { verdict: status === 'verified' || status === 'failed' ? status : 'not checked', detail };
}
