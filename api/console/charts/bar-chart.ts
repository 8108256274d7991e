// A chart of counts over time: stacked bars, what each series is, and the same numbers in a table.
import { presentTime } from '../../../shared/time/present-time.ts';
import { type Html, html } from '../markup/html.ts';
import { formatCount } from '../markup/number.ts';
import { table } from '../markup/table.ts';
import { type ChartBucket, type ChartUnit, fullLabel, shortLabel } from './bucket-label.ts';
import { loadPlot } from './load-plot.ts';
import { patternFill, patterns, swatch } from './patterns.ts';
import { type Series, totalOf } from './series.ts';
import { spreadTicks, wholeTicks } from './ticks.ts';
import { writeSvg } from './write-svg.ts';

export type BarChart = Readonly<{
  /** Alone on its page: the ids in the chart begin with it. */
  id: string;
  /** What the chart shows, as one sentence without its full stop. */
  name: string;
  bucket: ChartUnit;
  timeZone: string;
  buckets: readonly ChartBucket[];
  /** At most `SERIES_LIMIT`, each with a count for every bucket. The first stands at the bottom. */
  series: readonly Series[];
}>;

/** Requires at least one bucket and one series. */
export async function barChart(chart: BarChart): Promise<Html> {
  const { id, name, series, buckets, bucket, timeZone } = chart;
  const labels = buckets.map((each) => fullLabel(each, bucket, timeZone));
  const total = totalOf(series.flatMap(({ counts }) => counts));
  return html`<figure class="chart">
${await drawOnce(chart, labels, `${name}: ${formatCount(total)} in all. A table of the numbers follows.`)}
${legend(id, series)}
<details><summary>The numbers as a table</summary>
${numbers(chart, labels)}
</details>
</figure>`;
}

const WIDTH = 640;
const HEIGHT = 260;
/** Room for text that the style sheet enlarges on a narrow screen. */
const MARGINS = { marginTop: 16, marginRight: 24, marginBottom: 36, marginLeft: 64 } as const;
const TICKS = 5;
/** A character beside an axis, as wide as the style sheet makes it on a narrow screen, and what keeps labels apart. */
const CHARACTER = 13;
const APART = 16;
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact' });

/** Drawings of late: a page that is loaded again shows the same days, and drawing takes longer than reading them. */
const drawn = new Map<string, Html>();
const KEPT = 64;
/** Characters of a drawing that is kept; most have some forty thousand. */
const LONGEST_KEPT = 262_144;

async function drawOnce(chart: BarChart, labels: readonly string[], name: string): Promise<Html> {
  // All that the drawing is made of: equal keys have equal drawings, whoever asks.
  const key = JSON.stringify([chart.id, chart.bucket, chart.timeZone, name, labels, chart.series]);
  const kept = drawn.get(key);
  if (kept) return kept;
  const drawing = await draw(chart, labels, name);
  if (drawing.toString().length > LONGEST_KEPT) return drawing;
  if (drawn.size >= KEPT) drawn.delete(drawn.keys().next().value as string);
  drawn.set(key, drawing);
  return drawing;
}

async function draw(chart: BarChart, labels: readonly string[], name: string): Promise<Html> {
  const { id, series, buckets, bucket, timeZone } = chart;
  const { Plot, document } = await loadPlot();
  const bars = series.flatMap(({ name, counts }, at) =>
    counts.flatMap((count, i) =>
      // Names stand in titles alone, which are text: Plot would take a fill's name for a colour where it is one.
      count === 0 ? [] : [{ i, count, at, title: `${labels[i]}\n${name}: ${formatCount(count)}` }],
    ),
  );
  const tops = buckets.map((_, i) => totalOf(series.map(({ counts }) => counts[i]!)));
  const ticks = wholeTicks(Math.max(...tops), TICKS);
  const indexes = buckets.map((_, i) => i);
  const shortLabels = buckets.map((each) => shortLabel(each, bucket, timeZone));
  const widest = Math.max(...shortLabels.map(({ length }) => length)) * CHARACTER + APART;
  const room = WIDTH - MARGINS.marginLeft - MARGINS.marginRight;
  const drawing = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    ...MARGINS,
    x: {
      type: 'band',
      domain: indexes,
      label: null,
      padding: 0.15,
      ticks: spreadTicks(indexes, Math.min(TICKS, Math.floor(room / widest))),
      tickFormat: (i: number) => shortLabels[i]!,
    },
    y: {
      domain: [0, ticks.at(-1)!],
      label: null,
      grid: true,
      ticks,
      tickFormat: (count: number) => COMPACT.format(count),
    },
    marks: [
      Plot.barY(bars, {
        x: 'i',
        y: 'count',
        z: 'at',
        order: 'z',
        fill: ({ at }: { at: number }) => patternFill(id, at),
        title: 'title',
      }),
      Plot.ruleY([0]),
    ],
  });
  return writeSvg(drawing, { name, width: WIDTH, height: HEIGHT, defs: patterns(id, series.length) });
}

const HEADINGS = { day: 'Day', hour: 'Hour', moment: 'From' } as const;

function legend(id: string, series: readonly Series[]): Html {
  return html`<ul class="legend">
${series.map(({ name, counts }, i) => html`<li>${swatch(id, i)} ${name} <small>${formatCount(totalOf(counts))}</small></li>\n`)}</ul>`;
}

function numbers({ name, buckets, series, bucket, timeZone }: BarChart, labels: readonly string[]): Html {
  const rows = buckets.map(({ start }, i) => ({ start, i }));
  return table(
    rows,
    [
      {
        heading: HEADINGS[bucket],
        cell: ({ start, i }) => html`<time datetime="${presentTime(start)}">${labels[i]!}</time>`,
      },
      ...series.map(({ name, counts }) => ({
        heading: name,
        holds: 'number' as const,
        cell: ({ i }: { i: number }) => formatCount(counts[i]!),
      })),
      ...(series.length > 1
        ? [
            {
              heading: 'All',
              holds: 'number' as const,
              cell: ({ i }: { i: number }) => formatCount(totalOf(series.map(({ counts }) => counts[i]!))),
            },
          ]
        : []),
    ],
    { caption: `${name}. Times are in ${timeZone}.`, empty: 'No numbers.' },
  );
}
