// `npm run screenshots`: the pictures with which README begins, taken of a running service.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { createAccountRepository } from '../shared/accounts/account-repository.ts';
import { LOGIN_COOKIE } from '../shared/accounts/login-repository.ts';
import { TENANT_PERMISSIONS } from '../shared/accounts/permissions.ts';
import { createSessionRepository } from '../shared/sessions/session-repository.ts';
import { findChromium } from '../workers/pdf/chromium/find-chromium.ts';
import { EXIT, runCommand, UsageError } from './command/command.ts';
import { type Connected, connect } from './command/connect.ts';
import { issueLogin } from './issue-login.ts';

const FOLDER = join(import.meta.dirname, 'demo/screenshots');

const USAGE = `usage: npm run screenshots [-- --url URL]

Takes the pictures with which README.md begins, of the service that npm start runs with its demo data, and writes them to
scripts/demo/screenshots. Run it where the settings of that service are, after its workers are ready.

  --url URL    where it is reached, by default http://127.0.0.1:8080

exit: 0 done, 1 an error, 64 usage`;

const OPTIONS = { url: { type: 'string', default: 'http://127.0.0.1:8080' } } as const;

const SIZE = { width: 1100, height: 720 };

if (import.meta.main) {
  process.exitCode = await runCommand(USAGE, OPTIONS, async ({ values, positionals }) => {
    if (positionals.length > 0) throw new UsageError('The command takes options only.');
    if (!URL.canParse(values.url)) throw new UsageError('--url must be a URL such as http://127.0.0.1:8080.');
    await using connected = await connect();
    const { cookie, sessionId } = await signIn(connected);
    const { origin, hostname } = new URL(values.url);
    const found = await findChromium({
      chromePath: connected.config.chromePath,
      path: process.env.PATH ?? '',
    });
    if ('missing' in found) throw new Error(`There is no browser: ${found.missing}`);
    const browser = await puppeteer.launch({ executablePath: found.path, args: ['--no-sandbox'] });
    try {
      const [, value = ''] = cookie.split('=');
      await browser.setCookie({ name: LOGIN_COOKIE, value, domain: hostname, path: '/' });
      const page = await browser.newPage();
      await page.setViewport(SIZE);
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
      await mkdir(FOLDER, { recursive: true });
      for (const [name, path] of [
        ['overview', '/?window=30d'],
        ['session', `/sessions/${sessionId}`],
      ] as const) {
        const answer = await page.goto(`${origin}${path}`, { waitUntil: 'networkidle0' });
        if (answer?.status() !== 200) throw new Error(`${path} was answered ${answer?.status()}`);
        const bytes = await page.screenshot({ type: 'png', optimizeForSpeed: false });
        await writeFile(join(FOLDER, `${name}.png`), bytes);
        console.log(`${name}.png, ${Math.round(bytes.length / 1_000)} KB`);
      }
    } finally {
      await browser.close();
    }
    return EXIT.done;
  });
}

/** A login to the newest account that has sessions, and a session of it with something to show. */
async function signIn({
  db,
  config: { auditKeys },
}: Connected): Promise<{ cookie: string; sessionId: string }> {
  const sessions = createSessionRepository(db);
  for (const accountId of await createAccountRepository(db).listNewest(50)) {
    const query = { since: new Date(0), until: new Date(), minRedactions: 10, after: null, limit: 1 };
    const [session] = await sessions.list(accountId, query);
    if (!session) continue;
    const permissions = [...TENANT_PERMISSIONS];
    const { cookie } = await issueLogin({ db, accountId, permissions, auditKeys });
    return { cookie, sessionId: session.id };
  }
  throw new Error('No account has sessions: start the service with its demo data (npm start).');
}
