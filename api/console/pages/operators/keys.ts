import type { KeyScope } from '../../../../shared/audit/audit-keys.ts';
import { presentTime } from '../../../../shared/time/present-time.ts';
import type { ApiDeps } from '../../../http/context.ts';
import { none } from '../../../http/route-spec.ts';
import { type Html, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { state } from '../../markup/state.ts';
import { table } from '../../markup/table.ts';
import { time } from '../../markup/time.ts';
import { definePage } from '../../page/page.ts';
import { timeZoneOf } from '../../page/time-zone.ts';

export const KEYS_PAGE = definePage({
  path: '/operators/keys',
  summary: 'Lists the audit keys by id, with the logs that each signs.',
  permission: 'admin',
  navigation: { label: 'Audit keys', group: 'operators' },
  params: none,
  query: none,
  errors: [],
  async show(deps, ctx) {
    const { rows, countedAt } = await readKeys(deps);
    return {
      title: 'Audit keys',
      main: html`<p>A key signs logs and proves them. Its bytes are never shown here.</p>
${table(
  rows,
  [
    { heading: 'Key', cell: ({ id }) => html`<code>${id}</code>` },
    { heading: 'State', cell: ({ problem }) => keyState(problem) },
    { heading: 'Sessions signed', holds: 'number', cell: ({ sessions }) => formatCount(sessions) },
    { heading: 'Scope', holds: 'text', cell: ({ scope }) => (scope ? describeScope(scope) : '–') },
  ],
  {
    caption: 'Audit keys of this process, and those that stored logs name',
    empty: 'No audit key is configured.',
  },
)}
<p><small>Sessions counted ${time(countedAt, timeZoneOf(ctx))}.</small></p>`,
    };
  },
});

type Problem = 'missing' | 'mismatch' | null;
type KeyRow = Readonly<{ id: string; problem: Problem; sessions: number; scope: KeyScope | null }>;

async function readKeys({ keyUses, auditKeys }: Pick<ApiDeps, 'keyUses' | 'auditKeys'>) {
  const { uses, countedAt } = (await keyUses.find()) ?? (await keyUses.recount());
  const own = auditKeys.map(({ id, check, scope }): KeyRow => {
    const use = uses.find(({ keyId, keyCheck }) => keyId === id && keyCheck === check);
    return { id, problem: null, sessions: use?.sessionCount ?? 0, scope };
  });
  const others = uses
    .filter(({ keyId, keyCheck }) => !auditKeys.some(({ id, check }) => id === keyId && check === keyCheck))
    .map(({ keyId, sessionCount }): KeyRow => {
      const problem = auditKeys.some(({ id }) => id === keyId) ? 'mismatch' : 'missing';
      return { id: keyId, problem, sessions: sessionCount, scope: null };
    });
  return { rows: [...own, ...others], countedAt };
}

function keyState(problem: Problem): Html {
  if (problem === null) return state('configured', 'good');
  return problem === 'missing' ? state('not configured', 'bad') : state('other bytes configured', 'bad');
}

function describeScope({ accountIds, notBefore, notAfter }: KeyScope): string {
  return [
    accountIds.length === 0 ? 'every account' : accountIds.join(', '),
    ...(notBefore ? [`from ${presentTime(notBefore)}`] : []),
    ...(notAfter ? [`until ${presentTime(notAfter)}`] : []),
  ].join(', ');
}
