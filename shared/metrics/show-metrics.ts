// What /metrics answers, on each port that has it.
import type { Registry } from 'prom-client';
import { lookOnce } from '../process/look-once.ts';

/** Once for all who ask at the same time: a scrape asks the database a dozen questions. */
const readOnce = lookOnce((registry: Registry) => registry.metrics());

export async function showMetrics(registry: Registry) {
  return { status: 200, type: registry.contentType as string, body: await readOnce(registry) };
}
