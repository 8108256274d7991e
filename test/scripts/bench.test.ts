import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { assertAgreement } from '../../scripts/bench/hash-speed.ts';
import { hashWays, type LogHashes } from '../../scripts/bench/hash-ways.ts';
import {
  isMet,
  type Measurement,
  percentileOf,
  ratiosOf,
  spreadOf,
  timeInRounds,
} from '../../scripts/bench/measurement.ts';
import { readSpeed } from '../../scripts/bench/openssl-speed.ts';
import { drawPlot } from '../../scripts/bench/plot.ts';
import { makeSampleLog } from '../../scripts/bench/sample-log.ts';
import { formatTable } from '../../scripts/bench/table.ts';
import { makeLeafHashes } from '../../scripts/bench/tree-speed.ts';
import { treeWays } from '../../scripts/bench/tree-ways.ts';
import { naiveRoot } from '../support/naive-merkle-tree.ts';

const SPEED: Measurement = {
  id: 'hash.ours',
  label: 'ours',
  unit: 'entries/s',
  result: { median: 312_345.6, min: 299_000, max: 320_000 },
  target: { atLeast: 300_000 },
};

function runAll(ways: Readonly<Record<string, () => LogHashes>>): Record<string, LogHashes> {
  return Object.fromEntries(Object.entries(ways).map(([name, run]) => [name, run()]));
}

describe('the ways to hash a log', () => {
  for (const size of [1, 2, 255, 256, 257, 600]) {
    it(`the ways to hash a log give the same root and head hash over ${size} entries`, () => {
      const sample = makeSampleLog(size);
      const ways = hashWays(sample);
      assertAgreement(runAll(ways));
      const leaves = sample.texts.map((text) => Buffer.from(text));
      const { rootHex, headHashHex } = ways.ours();
      assert.equal(rootHex, Buffer.from(naiveRoot(leaves)).toString('hex'));
      assert.equal(
        headHashHex,
        (JSON.parse(sample.texts.at(-1) as string) as { this_hash: string }).this_hash,
      );
    });
  }

  it('the ways to hash a log are not timed when one gives another result', () => {
    const ways = hashWays(makeSampleLog(3));
    const { rootHex, headHashHex } = ways.ours();
    for (const wrong of [
      { rootHex: headHashHex, headHashHex },
      { rootHex, headHashHex: rootHex },
    ]) {
      assert.throws(
        () => assertAgreement({ ...runAll(ways), limit: wrong }),
        /^Error: limit and ours give different roots or head hashes$/,
      );
    }
  });

  it('the ways to hash a log find an entry that was changed', () => {
    const sample = makeSampleLog(5);
    const change = (text: string) => text.replace('"kid":"K_HEALTHCARE"', '"kid":"K_HEALTHCARF"');
    const segments = sample.segments.map((bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      return Buffer.from(change(text), 'latin1');
    });
    const ways = hashWays({
      ...sample,
      segments,
      texts: sample.texts.with(2, change(sample.texts[2] as string)),
    });
    assert.throws(ways.ours, /entry 0 altered/);
    assert.throws(ways.obvious, /entry 2 failed/);
    assert.throws(ways.obviousWithKeyObject, /entry 2 failed/);
  });
});

describe('the ways to make a tree', () => {
  for (const size of [1, 2, 3, 5, 64, 300]) {
    it(`the ways to make a tree give the same root over ${size} leaves but for the one that computes another`, () => {
      const ways = treeWays(makeLeafHashes(size));
      assert.equal(ways.merkletreejs(), ways.ours());
      assert.match(ways.openzeppelin(), /^[0-9a-f]{64}$/);
      assert.equal(ways.openzeppelin() === ways.ours(), size === 1);
    });
  }
});

describe("OpenSSL's own speed", () => {
  it("OpenSSL's own speed is read from the last line of its table", () => {
    const table = "The 'numbers' are in 1000s of bytes per second processed.\ntype 473 bytes\n";
    assert.equal(readSpeed(`${table}sha256        1229733.78k\n`), 1_229_733_780);
    assert.throws(() => readSpeed(table), /no figure/);
  });
});

describe('the sample log', () => {
  it('the sample log is signed as the audit log format says', () => {
    const sample = makeSampleLog(2);
    const { prev_hash, this_hash } = JSON.parse(sample.texts[1] as string) as Record<string, string>;
    const unsigned = (sample.texts[1] as string)
      .replace(`"prev_hash":"${prev_hash}",`, '')
      .replace(`"this_hash":"${this_hash}",`, '');
    const hmac = createHmac('sha256', sample.keyBytes).update(Buffer.from(prev_hash as string, 'hex'));
    assert.equal(hmac.update(unsigned).digest('hex'), this_hash);
  });
});

describe('a spread', () => {
  it('the median of an odd number of values is the middle one', () => {
    assert.deepEqual(spreadOf([30, 1, 2]), { median: 2, min: 1, max: 30 });
    assert.deepEqual(spreadOf([7]), { median: 7, min: 7, max: 7 });
  });

  it('the median of an even number of values is the mean of the middle two', () => {
    assert.deepEqual(spreadOf([10, 1, 2, 4]), { median: 3, min: 1, max: 10 });
  });

  it('a spread of no values is refused', () => {
    assert.throws(() => spreadOf([]), RangeError);
  });
});

describe('a percentile', () => {
  it('a percentile is a measured value, and the greatest where there are few', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    assert.equal(percentileOf(hundred, 99), 99);
    assert.equal(percentileOf(hundred, 50), 50);
    assert.equal(percentileOf([3, 1, 2], 99), 3);
    assert.throws(() => percentileOf([], 99), RangeError);
  });
});

describe('ratios', () => {
  it('ratios are taken between values of the same round', () => {
    assert.deepEqual(ratiosOf([2, 6, 20], [1, 2, 4]), { median: 3, min: 2, max: 5 });
  });
});

describe('the plot', () => {
  const plotted = (size: number, median: number, series = 'the <report>'): Measurement => ({
    id: `reports.p50_${size}`,
    label: '',
    unit: 'ms',
    target: null,
    result: { median, min: median / 2, max: median * 2 },
    plotted: { series, size },
  });

  it('the plot has a series for each name, a mark for each length, and an empty log at the place of one entry', () => {
    const svg = drawPlot([plotted(0, 5), plotted(100, 10), plotted(100, 5, 'reads'), SPEED], 'A & B') ?? '';
    assert.equal(svg.match(/<polyline/g)?.length, 2);
    assert.match(svg, /<text [^>]*>the &lt;report&gt;<\/text>/);
    assert.match(svg, /A &amp; B/);
    assert.match(svg, />0<\/text>[\s\S]*>10<\/text>[\s\S]*>100<\/text>/);
    assert.match(svg, /<polyline points="96,[\d.]+ 812,[\d.]+"/);
    assert.doesNotMatch(svg, /NaN|Infinity/);
  });

  it('no plot is made where no log length was measured', () => {
    assert.equal(drawPlot([SPEED], ''), null);
  });
});

describe('rounds', () => {
  it('each round runs every task once, in turn', async () => {
    const ran: string[] = [];
    const tasks = { a: () => ran.push('a'), b: () => ran.push('b') };
    const seconds = await timeInRounds(tasks, 3, new AbortController().signal);
    assert.deepEqual(ran, ['a', 'b', 'a', 'b', 'a', 'b']);
    assert.deepEqual(
      Object.values(seconds).map((each) => each.length),
      [3, 3],
    );
  });
});

describe('a round', () => {
  it('no round is begun once the signal has aborted', async () => {
    const stopping = new AbortController();
    let ran = 0;
    const task = () => {
      ran += 1;
      stopping.abort(new Error('stopped'));
    };
    await assert.rejects(timeInRounds({ task }, 3, stopping.signal), /^Error: stopped$/);
    assert.equal(ran, 1);
  });
});

describe('a target', () => {
  it('a target is compared with the median, and met when it is just reached', () => {
    const result = { median: 5, min: 1, max: 9 };
    assert.equal(isMet({ ...SPEED, result, target: { atLeast: 5 } }), true);
    assert.equal(isMet({ ...SPEED, result, target: { atLeast: 5.1 } }), false);
    assert.equal(isMet({ ...SPEED, result, target: { atMost: 5 } }), true);
    assert.equal(isMet({ ...SPEED, result, target: { atMost: 4.9 } }), false);
    assert.equal(isMet({ ...SPEED, result, target: null }), null);
  });
});

describe('the table', () => {
  it('the table puts targets beside results and says whether they are met', () => {
    const ratio: Measurement = {
      id: 'memory.long_to_short',
      label: 'the longer to the shorter',
      unit: 'times',
      result: { median: 1.4, min: 1.39, max: 1.41 },
      target: { atMost: 1.3 },
    };
    const peak: Measurement = { ...ratio, label: 'peak', unit: 'MB', target: null };
    assert.deepEqual(formatTable([SPEED, ratio, peak]).split('\n'), [
      '                              median              min – max       target',
      'ours                       312,346/s  299,000/s – 320,000/s  ≥ 300,000/s  met',
      'the longer to the shorter     1.40 ×        1.39 × – 1.41 ×     ≤ 1.30 ×  NOT MET',
      'peak                          1.4 MB        1.4 MB – 1.4 MB',
    ]);
  });
});
