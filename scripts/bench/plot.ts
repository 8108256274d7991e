// Draws cost against log length as an SVG, both axes logarithmic, without a package.
import type { Measurement } from './measurement.ts';

type Point = Readonly<{ size: number; median: number; min: number; max: number }>;

const WIDTH = 860;
const HEIGHT = 560;
const [LEFT, RIGHT, TOP, BOTTOM] = [96, 48, 84, 84];
// Dashes and marks tell the series apart without colour.
const STYLES = [
  { colour: '#1f4e9c', dash: '', mark: 'circle' },
  { colour: '#b4540a', dash: '7 4', mark: 'square' },
] as const;

/** Null where no measurement has a log length. */
export function drawPlot(measurements: readonly Measurement[], machine: string): string | null {
  const series = collectSeries(measurements);
  const points = [...series.values()].flat();
  if (points.length === 0) return null;
  const decades = {
    x: [0, Math.max(1, Math.ceil(Math.log10(Math.max(...points.map(({ size }) => size), 1))))] as const,
    y: [
      Math.floor(Math.log10(Math.min(...points.map(({ min }) => min)))),
      Math.ceil(Math.log10(Math.max(...points.map(({ max }) => max)))),
    ] as const,
  };
  const scale = { x: axis(decades.x, LEFT, WIDTH - RIGHT), y: axis(decades.y, HEIGHT - BOTTOM, TOP) };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="Liberation Sans, DejaVu Sans, Arial, sans-serif" font-size="14">`,
    `<title>Cost of a report against the length of its log</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 32, 'Cost of a report against the length of its log', 'font-size="19" font-weight="bold"'),
    text(LEFT, 56, `Medians, bars from least to most. ${machine}`, 'font-size="12" fill="#555"'),
    ...drawGrid(decades, scale),
    text(
      (LEFT + WIDTH - RIGHT) / 2,
      HEIGHT - 24,
      'entries in the log',
      'text-anchor="middle" font-size="15"',
    ),
    text(
      -(TOP + HEIGHT - BOTTOM) / 2,
      28,
      'time, milliseconds',
      'text-anchor="middle" font-size="15" transform="rotate(-90)"',
    ),
    ...[...series].flatMap(([name, points], i) => drawSeries(name, points, i, scale)),
    '</svg>',
    '',
  ].join('\n');
}

function collectSeries(measurements: readonly Measurement[]): Map<string, Point[]> {
  const series = new Map<string, Point[]>();
  for (const { plotted, result } of measurements) {
    if (!plotted) continue;
    const points = series.get(plotted.series) ?? [];
    points.push({ size: plotted.size, ...result });
    series.set(plotted.series, points);
  }
  return series;
}

type Decades = Readonly<{ x: readonly [number, number]; y: readonly [number, number] }>;
type Scale = Readonly<{ x: (value: number) => number; y: (value: number) => number }>;

/** An empty log has no logarithm, so it stands at one entry. */
function axis([low, high]: readonly [number, number], from: number, to: number): (value: number) => number {
  return (value) => from + ((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)) * (to - from);
}

function drawGrid(decades: Decades, scale: Scale): string[] {
  const [left, right, top, bottom] = [LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM];
  const line = (x1: number, y1: number, x2: number, y2: number, colour: string) =>
    `<line x1="${fix(x1)}" y1="${fix(y1)}" x2="${fix(x2)}" y2="${fix(y2)}" stroke="${colour}"/>`;
  const columns = powers(decades.x).flatMap((value) => [
    line(scale.x(value), top, scale.x(value), bottom, '#ddd'),
    text(
      scale.x(value),
      bottom + 22,
      value === 1 ? '0' : value.toLocaleString('en-US'),
      'text-anchor="middle"',
    ),
  ]);
  const rows = powers(decades.y).flatMap((value) => [
    line(left, scale.y(value), right, scale.y(value), '#ddd'),
    text(left - 10, scale.y(value) + 5, value.toLocaleString('en-US'), 'text-anchor="end"'),
  ]);
  return [
    ...columns,
    ...rows,
    line(left, bottom, right, bottom, '#333'),
    line(left, top, left, bottom, '#333'),
  ];
}

function powers([low, high]: readonly [number, number]): number[] {
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

function drawSeries(name: string, points: readonly Point[], index: number, scale: Scale): string[] {
  const { colour, dash, mark } = STYLES[index % STYLES.length] as (typeof STYLES)[number];
  const at = ({ size, median }: Point) => [scale.x(size), scale.y(median)] as const;
  const path = points.map((point) => at(point).map(fix).join(',')).join(' ');
  const bars = points.map(({ size, min, max }) => {
    const x = fix(scale.x(size));
    return `<line x1="${x}" y1="${fix(scale.y(min))}" x2="${x}" y2="${fix(scale.y(max))}" stroke="${colour}" stroke-opacity="0.5" stroke-width="2"/>`;
  });
  const legend = { x: LEFT + 24, y: TOP + 24 + 24 * index };
  return [
    `<g fill="${colour}">`,
    ...bars,
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/>`,
    ...points.map((point) => drawMark(mark, ...at(point))),
    `<line x1="${legend.x}" y1="${legend.y}" x2="${legend.x + 40}" y2="${legend.y}" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/>`,
    drawMark(mark, legend.x + 20, legend.y),
    text(legend.x + 52, legend.y + 5, name, 'fill="#222"'),
    '</g>',
  ];
}

function drawMark(mark: 'circle' | 'square', x: number, y: number): string {
  return mark === 'circle'
    ? `<circle cx="${fix(x)}" cy="${fix(y)}" r="5"/>`
    : `<rect x="${fix(x - 4.5)}" y="${fix(y - 4.5)}" width="9" height="9"/>`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${fix(x)}" y="${fix(y)}" ${attributes}>${escaped}</text>`;
}

function fix(value: number): string {
  return String(Math.round(value * 10) / 10);
}
