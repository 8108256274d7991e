/**
 * The files that run longest, longest first. With the alphabet's order one of them runs alone at the end, on one core.
 * Files that are not here run after these: the order matters for long files alone.
 */
export const LONGEST: readonly string[] = [
  'test/scripts/verify-report-pdf.test.ts',
  'test/api/console/reports.test.ts',
  'test/api/console/browser.test.ts',
  'test/workers/logs/memory.test.ts',
  'test/workers/jobs/kills.test.ts',
  'test/api/routes/reports/jobs.test.ts',
  'test/workers/pdf/finish/wide-judges.test.ts',
  'test/workers/jobs/make-report.test.ts',
  'test/workers/logs/clean-walks.test.ts',
  'test/workers/jobs/outages.test.ts',
  'test/api/routes/sessions/report-failures.test.ts',
  'test/api/console/overview.test.ts',
  'test/scripts/backfill-merkle-roots.test.ts',
  'test/workers/pdf/finish/judges.test.ts',
  'test/api/console/verify-browser.test.ts',
  'test/workers/jobs/pipeline.test.ts',
  'test/scripts/verify-wide.test.ts',
  'test/api/console/reports-browser.test.ts',
  'test/workers/reports/pool.test.ts',
  'test/shared/log-writer/killed-server.test.ts',
  'test/scripts/pack-segments.test.ts',
  'test/scripts/import.test.ts',
  'test/scripts/export.test.ts',
  'test/scripts/verifiers/verify-html.test.ts',
  'test/api/bundles.test.ts',
  'test/api/console/policies.test.ts',
  'test/api/routes/log/tiles.test.ts',
  'test/scripts/issue-report.test.ts',
  'test/workers/pdf/pdf.test.ts',
  'test/shared/log-writer/append-concurrently.test.ts',
  'test/shared/log-writer/append-elections.test.ts',
];

/** The files with the long ones in front; the others keep their order. */
export function longestFirst(files: readonly string[]): string[] {
  const rank = new Map(LONGEST.map((file, index) => [file, index]));
  const rankOf = (file: string) => rank.get(file) ?? LONGEST.length;
  return files.toSorted((a, b) => rankOf(a) - rankOf(b));
}
