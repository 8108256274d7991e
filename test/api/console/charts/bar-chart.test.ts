import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHTML } from 'linkedom';
import { type BarChart, barChart } from '../../../../api/console/charts/bar-chart.ts';
import { type Series, toSeries } from '../../../../api/console/charts/series.ts';
import { DAY_MS } from '../../../../shared/time/durations.ts';

const FIRST = Date.parse('2026-09-14T00:00:00Z');

function chartOf(series: readonly Series[], traits: Partial<BarChart> = {}): BarChart {
  const days = series[0]?.counts.length ?? 0;
  const buckets = Array.from({ length: days }, (_, i) => ({
    start: new Date(FIRST + i * DAY_MS),
    end: new Date(FIRST + (i + 1) * DAY_MS),
  }));
  return {
    id: 'redactions',
    name: 'Redactions by kind',
    bucket: 'day',
    timeZone: 'UTC',
    buckets,
    series,
    ...traits,
  };
}

async function draw(chart: BarChart) {
  const markup = (await barChart(chart)).toString();
  return { markup, document: parseHTML(`<!doctype html><html><body>${markup}</body></html>`).document };
}

const HOSTILE = [
  '<script>alert(1)</script>',
  '</svg><img src=x onerror=alert(1)>',
  '" onload="alert(1)',
  "&lt;b&gt; & ' `",
  'red',
  'url(#redactions-pattern-1)',
  '\u202etxt.exe',
  'x'.repeat(300),
];

test('a chart shows names of every kind as text', async () => {
  const series = HOSTILE.map((name, i) => ({ name, counts: [i + 1, 0, 2] }));
  const { markup, document } = await draw(chartOf(series));
  const names = new Set([...document.querySelectorAll('*')].map(({ localName }) => localName));
  for (const name of ['script', 'img', 'style', 'foreignObject', 'a']) assert.ok(!names.has(name), name);
  for (const element of document.querySelectorAll('*')) {
    for (const { name } of element.attributes) assert.ok(!/^(on|style|href|xlink)/.test(name), name);
  }
  assert.ok(!markup.includes('\u202e'));
  const shown = HOSTILE.map((name) => name.replace('\u202e', '‹U+202E›'));
  const titles = [...document.querySelectorAll('figure svg title')].map(({ textContent }) => textContent);
  for (const [i, name] of shown.entries()) {
    assert.ok(titles.includes(`Mon, 14 Sept 2026\n${name}: ${i + 1}`), name);
  }
  const headings = [...document.querySelectorAll('thead th')].map(({ textContent }) => textContent);
  assert.deepEqual(headings, ['Day', ...shown, 'All']);
  const legend = [...document.querySelectorAll('.legend li')].map(({ textContent }) => textContent?.trim());
  assert.deepEqual(
    legend,
    shown.map((name, i) => `${name} ${i + 3}`),
  );
});

test('charts that differ in one number, name, zone or id are drawn each for itself', async () => {
  const series = (count: number, name = 'NAME') => [{ name, counts: [count, 2] }];
  const zone = { timeZone: 'Asia/Tokyo' };
  const charts = [
    chartOf(series(1)),
    chartOf(series(3)),
    chartOf(series(1, 'DOB')),
    chartOf(series(1), { id: 'other' }),
    chartOf(series(1), { name: 'Another chart' }),
    chartOf(series(1), { ...zone, bucket: 'hour' }),
  ];
  const draw = (chart: BarChart) => barChart(chart).then(String);
  const first = await Promise.all(charts.map(draw));
  assert.equal(new Set(first).size, charts.length);
  assert.deepEqual(await Promise.all(charts.map(draw)), first);
});

test('a name that is a colour does not colour a bar', async () => {
  const series = ['red', 'blue'].map((name) => ({ name, counts: [1, 1] }));
  const { document } = await draw(chartOf(series));
  const fills = new Set(
    [...document.querySelectorAll('svg > g > rect')].map((bar) => bar.getAttribute('fill')),
  );
  assert.deepEqual([...fills].sort(), ['url(#redactions-pattern-1)', 'url(#redactions-pattern-2)']);
});

test('a chart is one picture with a name, and carries no style', async () => {
  const { markup, document } = await draw(chartOf([{ name: 'NAME', counts: [3, 4] }]));
  const picture = document.querySelector('figure > svg');
  assert.equal(picture?.getAttribute('role'), 'img');
  assert.equal(
    picture?.getAttribute('aria-label'),
    'Redactions by kind: 7 in all. A table of the numbers follows.',
  );
  assert.ok(!/<style|style=/.test(markup));
});

test('ids of a chart begin with its own id and occur once', async () => {
  const series = HOSTILE.map((name) => ({ name, counts: [1] }));
  const { document } = await draw(chartOf(series));
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  assert.equal(new Set(ids).size, 8);
  assert.equal(ids.length, 8);
  assert.ok(ids.every((id) => id.startsWith('redactions-')));
});

test('the table beside a chart holds the numbers that the bars show', async () => {
  const series = [
    { name: 'NAME', counts: [3, 0, 1_234] },
    { name: 'DOB', counts: [1, 0, 2] },
  ];
  const { document } = await draw(chartOf(series));
  const rows = [...document.querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map(({ textContent }) => textContent),
  );
  assert.deepEqual(rows, [
    ['Mon, 14 Sept 2026', '3', '1', '4'],
    ['Tue, 15 Sept 2026', '0', '0', '0'],
    ['Wed, 16 Sept 2026', '1,234', '2', '1,236'],
  ]);
  assert.equal(document.querySelectorAll('svg > g > rect').length, 4);
});

test('labels beside the axis of time have room in the large text of a narrow screen', async () => {
  for (const [bucket, stepMs, apart] of [
    ['moment', 10, 3],
    ['hour', 3_600_000, 5],
    ['day', DAY_MS, 5],
  ] as const) {
    const counts = Array.from({ length: 60 }, () => 1);
    const buckets = counts.map((_, i) => ({
      start: new Date(FIRST + i * stepMs),
      end: new Date(FIRST + (i + 1) * stepMs),
    }));
    const { document } = await draw(chartOf([{ name: 'NAME', counts }], { bucket, buckets }));
    const labels = [...document.querySelectorAll('svg text')]
      .map(({ textContent }) => textContent ?? '')
      .filter((text) => /[:a-z]/.test(text));
    assert.equal(labels.length, apart, labels.join());
    // 552 of the 640 units are the axis; a digit of 23px takes 13.
    const widest = Math.max(...labels.map(({ length }) => length)) * 13;
    assert.ok(widest * labels.length <= 552, labels.join());
  }
});

test('hours of one name are told apart where clocks go back', async () => {
  const starts = ['2026-11-01T05:00:00Z', '2026-11-01T06:00:00Z', '2026-11-01T07:00:00Z'].map(Date.parse);
  const buckets = starts
    .slice(0, 2)
    .map((start, i) => ({ start: new Date(start), end: new Date(starts[i + 1]!) }));
  const chart = chartOf([{ name: 'NAME', counts: [1, 2] }], {
    bucket: 'hour',
    timeZone: 'America/New_York',
    buckets,
  });
  const { document } = await draw(chart);
  const labels = [...document.querySelectorAll('tbody th')].map(({ textContent }) => textContent);
  assert.deepEqual(labels, ['1 Nov 2026, 01:00 GMT-4', '1 Nov 2026, 01:00 GMT-5']);
});

test('series stand in the order of names, and of more than eight the smallest are one', () => {
  const many = Array.from({ length: 12 }, (_, i): [string, number] => [`K${i}`, i + 1]);
  const series = toSeries([many, [['K0', 100]]]);
  assert.deepEqual(
    series.map(({ name, counts }) => [name, ...counts]),
    [
      ['K0', 1, 100],
      ...[10, 11, 6, 7, 8, 9].map((i) => [`K${i}`, i + 1, 0]),
      ['5 other kinds', 2 + 3 + 4 + 5 + 6, 0],
    ],
  );
  assert.equal(toSeries([many.slice(0, 8)]).length, 8);
  assert.deepEqual(toSeries([[], []]), []);
});

test('series of names that objects have of their own are counted', () => {
  const names = ['__proto__', 'constructor', ''];
  const series = toSeries([names.map((name) => [name, 2])]);
  assert.deepEqual(
    series.map(({ name, counts }) => [name, ...counts]),
    [
      ['(no name)', 2],
      ['__proto__', 2],
      ['constructor', 2],
    ],
  );
});
