import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { WarmBrowser } from '../../../../workers/pdf/chromium/warm-browser.ts';
import {
  createWarmBrowser,
  killPrinting,
  listChromiums,
  listGroup,
  pidOf,
  WITH_CHROMIUM,
} from '../../../support/chromium.ts';
import { eventually } from '../../../support/eventually.ts';
import { rounds } from '../../../support/rounds.ts';

test('a warm browser serves every lease from one Chromium', WITH_CHROMIUM, async (t) => {
  const warm = createWarmBrowser(t);
  const leases = await Promise.all([warm.lease(), warm.lease()]);
  for (const { end } of leases) end();
  const later = await warm.lease();
  assert.equal(new Set([...leases, later].map(({ browser }) => browser)).size, 1);
  assert.match(later.version, /^\d+(\.\d+){3}$/);
});

test(
  'a browser that has served enough is replaced, and ends with its last lease',
  WITH_CHROMIUM,
  async (t) => {
    const warm = createWarmBrowser(t, { rendersPerBrowser: 2 });
    const [first, second] = [await warm.lease(), await warm.lease()];
    const third = await warm.lease();
    assert.equal(second.browser, first.browser);
    assert.notEqual(third.browser, first.browser);

    const pid = pidOf(first.browser);
    first.end();
    assert.ok(listGroup(pid).length > 0);
    const ended = once(first.browser.process()!, 'exit');
    second.end();
    await ended;
  },
);

test('a browser gives way to other sessions, where sessions share the cores', WITH_CHROMIUM, async (t) => {
  const warm = createWarmBrowser(t);
  const lease = await warm.lease();
  const file = `/proc/${pidOf(lease.browser)}/autogroup`;
  lease.end();
  if (!existsSync(file)) return t.skip('this kernel has no such groups');
  assert.match(readFileSync(file, 'utf8'), / nice 10\n$/);
  assert.doesNotMatch(readFileSync('/proc/self/autogroup', 'utf8'), / nice 10\n$/);
});

test('a browser that was killed is replaced', WITH_CHROMIUM, async (t) => {
  const warm = createWarmBrowser(t);
  const killed = await warm.lease();
  const gone = Promise.withResolvers<void>();
  killed.browser.once('disconnected', gone.resolve);
  process.kill(pidOf(killed.browser), 'SIGKILL');
  await gone.promise;
  killed.end();
  const next = await warm.lease();
  assert.ok(next.browser.connected);
  assert.notEqual(next.browser, killed.browser);
});

test('a browser whose processes hang leaves none behind', WITH_CHROMIUM, async (t) => {
  const warm = createWarmBrowser(t);
  const hung = await warm.lease();
  const pid = pidOf(hung.browser);
  const group = listGroup(pid);
  assert.ok(group.length > 1);
  for (const each of group) process.kill(each.pid, 'SIGSTOP');
  hung.retire();
  hung.end();
  await warm.close();
  assert.deepEqual(listGroup(pid), []);
});

test(
  'closing leaves neither a process nor a profile, while a browser is leased or being launched',
  WITH_CHROMIUM,
  async (t) => {
    const warm = createWarmBrowser(t);
    const { browser } = await warm.lease();
    const pid = pidOf(browser);
    const profile = browser.process()?.spawnargs.find((arg) => arg.startsWith('--user-data-dir='));
    const folder = profile?.slice('--user-data-dir='.length) ?? '';
    assert.ok(existsSync(folder));
    await warm.close();
    assert.deepEqual(listGroup(pid), []);
    assert.ok(!existsSync(folder));

    const starting = createWarmBrowser(t);
    const lease = starting.lease();
    await Promise.all([starting.close(), assert.rejects(lease, { code: 'unavailable' })]);
    await assert.rejects(starting.lease(), { code: 'unavailable' });
  },
);

test('a program that does not start is unavailable, and tried again', async (t) => {
  const warm = new WarmBrowser({ path: '/bin/false', rendersPerBrowser: 1, warn: () => {} });
  t.after(() => warm.close());
  assert.equal(warm.hasFailed, false);
  for (let i = 0; i < 2; i += 1) await assert.rejects(warm.lease(), { code: 'unavailable' });
  assert.equal(warm.hasFailed, true);
});

// Puppeteer's own wait for the first page of such a Chromium has no end.
test(
  'a Chromium that is killed while it starts is unavailable, and started again',
  WITH_CHROMIUM,
  async (t) => {
    for (let i = 0; i < rounds(2, 6); i += 1) {
      const warm = createWarmBrowser(t);
      // It has the process of a page, an empty one, as soon as it starts.
      const killing = killPrinting(1);
      t.after(killing.stop);
      const code = await warm.lease().then(
        () => 'had started',
        (error: AppError) => error.code,
      );
      assert.match(code, /^(unavailable|had started)$/);
      await eventually(
        'the first one is killed',
        () => killing.killed() === 1 && listChromiums().length === 0,
      );

      const next = await warm.lease();
      assert.ok(next.browser.connected);
      await warm.close();
    }
  },
);

test('Chromium gets none of our environment variables', WITH_CHROMIUM, async (t) => {
  const { browser } = await createWarmBrowser(t).lease();
  const names = readFileSync(`/proc/${pidOf(browser)}/environ`, 'utf8')
    .split('\0')
    .map((pair) => pair.split('=')[0]);
  assert.ok(!names.includes('TEST_MONGODB_URI'));
});

test('a Chromium without a sandbox is reported once', WITH_CHROMIUM, async (t) => {
  const lines: string[] = [];
  const warm = createWarmBrowser(t, { rendersPerBrowser: 1, warn: (line) => lines.push(line) });
  for (let i = 0; i < 2; i += 1) {
    const { browser, end } = await warm.lease();
    const isBare = browser.process()?.spawnargs.includes('--no-sandbox');
    assert.equal(lines.length, isBare ? 1 : 0);
    if (process.geteuid?.() === 0) assert.ok(isBare);
    end();
  }
});

test(
  'a pipe that is reset ends nothing else, while its Chromium ends or afterwards',
  WITH_CHROMIUM,
  async (t) => {
    const warm = createWarmBrowser(t);
    const { browser } = await warm.lease();
    const chromium = browser.process();
    const pipes = chromium?.stdio ?? [];
    assert.ok(pipes.length >= 5);
    for (const output of [chromium?.stdout, chromium?.stderr])
      output?.emit('error', new Error('read ECONNRESET'));
    await warm.close();
    for (const pipe of pipes) pipe?.emit('error', new Error('read ECONNRESET'));
  },
);
