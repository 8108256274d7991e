// What a reader sees of tables and charts in a real browser: whole numbers, names of any length, what a chart counts.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openTab, startBrowser } from '../../support/browser.ts';
import { WITH_CHROMIUM } from '../../support/chromium.ts';
import { inReverse } from '../../support/in-reverse.ts';
import { addSessionWithLog, redaction } from '../../support/logs.ts';
import { startApp } from '../../support/start-app.ts';

test('the layout of tables and charts', WITH_CHROMIUM, async (t) => {
  const whole = inReverse(t);
  const app = await startApp(whole as TestContext);
  const tenant = await app.addTenant('Clinic');
  const events = Array.from({ length: 40 }, () => redaction('NAME'));
  const { id } = await addSessionWithLog(app, tenant, { events, status: 'partial', lastedMs: 72_000 });
  const agents = app.database.db.collection<{ _id: string }>('agents');
  const rename = (name: string) => agents.updateOne({ _id: tenant.agentId }, { $set: { name } });
  const browser = await startBrowser(whole);
  const { page } = await openTab(browser, app.url, tenant.cookie);
  const open = async (path: string, width: number) => {
    await page.setViewport({ width, height: 900 });
    await page.goto(`${app.url}${path}`, { waitUntil: 'load' });
  };
  const overflow = () =>
    page.$eval(
      '.table',
      (table) => [table.scrollWidth - table.clientWidth, table.textContent ?? ''] as const,
    );

  for (const name of ['appointment-bot', 'a'.repeat(500)]) {
    await t.test(
      `tables of sessions and agents fit into 1280 px with an agent ${name.slice(0, 20)}`,
      async () => {
        await rename(name);
        for (const path of ['/sessions', '/agents']) {
          await open(path, 1280);
          const [tooWide, text] = await overflow();
          assert.ok(text.includes(name), path);
          assert.ok(tooWide <= 0, `${path}: ${tooWide} px are out of sight`);
        }
        for (const path of ['/', '/sessions', '/agents', `/agents/${tenant.agentId}`, '/policies']) {
          await open(path, 360);
          const page360 = await page.evaluate('document.documentElement.scrollWidth');
          assert.equal(page360, 360, path);
        }
      },
    );
  }

  await t.test('a chart of one kind says of which', async () => {
    await open(`/sessions/${id}`, 1280);
    assert.match(await page.$eval('.chart .legend', (legend) => legend.textContent ?? ''), /NAME 40/);
  });
});
