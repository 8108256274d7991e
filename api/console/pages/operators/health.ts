import { none } from '../../../http/route-spec.ts';
import { readHealth } from '../../../routes/health/routes.ts';
import type { HealthResponse } from '../../../routes/health/schema.ts';
import { facts } from '../../markup/facts.ts';
import { html } from '../../markup/html.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { formatDuration } from '../../markup/time.ts';
import { definePage } from '../../page/page.ts';

const PARTS = {
  db: 'Database',
  indexes: 'Indexes of lists',
  queue: 'Redis, which holds the queues',
  pipeline: 'Background pipeline',
  audit_log: 'Audit keys that stored logs need',
  account_log: 'Account logs',
  pdf: 'PDF renderer',
} as const satisfies Record<keyof HealthResponse['components'], string>;

/** What an operator does about a part that is not well. */
const REMEDIES: Readonly<Record<keyof typeof PARTS, string>> = {
  db: 'Check that MongoDB runs and that MONGODB_URI names it.',
  indexes:
    'While they are built, wait. If one failed, mend what is said and restart: nothing but lists is slower without it.',
  queue: 'Check that Redis runs and that REDIS_URL names it. The API serves without it.',
  pipeline: 'Start the workers (npm run workers), and look at the queues for jobs that failed.',
  audit_log: 'Set AUDIT_KEYS to the keys that are named, and restart.',
  account_log:
    'Keep the database as it is and copy it. Run npm run verify -- --all, which names the log, and have the newest complete copy put back.',
  pdf: 'Set CHROME_PATH to a Chromium, or install one. Reports as JSON are made without it.',
};

export const HEALTH_PAGE = definePage({
  path: '/operators/health',
  summary: 'Shows the state of the service and of each part.',
  permission: 'admin',
  navigation: { label: 'Health', group: 'operators' },
  params: none,
  query: none,
  errors: [],
  async show(deps) {
    const { status, version, uptime_seconds, components } = await readHealth(deps);
    const parts = Object.entries(PARTS) as [keyof typeof PARTS, string][];
    return {
      title: 'Health',
      main: html`${facts([
        ['State', state(status, status === 'ok' ? 'good' : 'bad')],
        ['Version', version],
        ['Running for', formatDuration(uptime_seconds * 1_000)],
      ])}
${table(
  parts,
  [
    { heading: 'Part', cell: ([, label]) => label },
    { heading: 'State', cell: ([name]) => partState(components[name]) },
    { heading: 'What is said', holds: 'text', cell: ([name]) => components[name] },
    {
      heading: 'Next step',
      holds: 'text',
      cell: ([name]) => (isWell(components[name]) ? '–' : REMEDIES[name]),
    },
  ],
  { caption: 'Parts of the service', empty: '' },
)}`,
    };
  },
});

function isWell(said: string): boolean {
  return said === 'ok' || said === 'not configured';
}

function partState(said: string) {
  if (said === 'ok') return state('ok', 'good');
  return said === 'not configured' ? state(said, 'calm') : state('needs attention', 'bad');
}
