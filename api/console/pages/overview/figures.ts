import type { LogFinding } from '../../../../shared/sessions/log-marks.ts';
import { totalOf } from '../../charts/series.ts';
import { type Html, type HtmlValue, html } from '../../markup/html.ts';
import { formatCount } from '../../markup/number.ts';
import { formatDuration } from '../../markup/time.ts';
import type { Window } from '../../page/window.ts';
import { FILTERS } from './attention.ts';
import type { Overview } from './read-overview.ts';
import type { PipelineState } from './read-pipeline.ts';

/** The figures of the window, each with a link to the sessions that it counts. */
export function figures({ buckets, found, pipeline }: Overview, window: Window): Html {
  const sessions = totalOf(buckets.map(({ sessionCount }) => sessionCount));
  const redactions = totalOf(buckets.flatMap(({ redactions: pairs }) => pairs.map(([, count]) => count)));
  const logs = (finding: LogFinding) => listed(found[finding].listed, window, FILTERS[finding]);
  return html`<dl class="figures">
${figure('Sessions', listed(sessions, window), 'that have ended')}
${figure('Redactions', listed(redactions, window, { min_redactions: '1' }), 'in these sessions')}
${figure('Failed logs', logs('failed'), 'when last verified')}
${figure('Unverifiable logs', logs('unverifiable'), 'when last verified')}
${figure('Unsealed logs', logs('unsealed'), 'ended without a seal')}
${pipelineFigure(pipeline)}
</dl>`;
}

function figure(name: string, value: HtmlValue, about: string): Html {
  return html`<div><dt>${name}</dt><dd>${value} <small>${about}</small></dd></div>`;
}

function listed(count: number, window: Window, filter: Readonly<Record<string, string>> = {}): Html {
  const query = new URLSearchParams({ since: window, ...filter });
  return html`<a href="/sessions?${query.toString()}">${formatCount(count)}</a>`;
}

function pipelineFigure({ state, lagMs }: PipelineState): Html {
  const name = 'Pipeline lag';
  if (state === 'off') return figure(name, 'off', 'no pipeline is configured');
  const lag = lagMs === 0 ? 'none' : formatDuration(lagMs);
  const about = lagMs === 0 ? 'no change is waiting' : 'the oldest change that waits';
  return figure(name, lag, state === 'away' ? `${about}; Redis does not answer` : about);
}
