import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { orderFault, signOrder, type TakenOrder } from '../../../shared/reports/report-order.ts';
import { openSigning } from '../../../shared/transparency/open-signing.ts';
import { createStatementSigner } from '../../../shared/transparency/statement-signer.ts';
import { TEST_SIGNING } from '../../support/account-logs.ts';
import { pemOf } from '../../support/signers.ts';

const SIGNING = openSigning(TEST_SIGNING);
const sign = createStatementSigner(SIGNING);

const WINDOW = {
  since: new Date('2026-07-01T00:00:00Z'),
  until: new Date('2026-10-01T00:00:00Z'),
  tz: 'UTC',
  period: '2026-Q3',
};
const ORDER: TakenOrder = {
  id: newId('report'),
  accountId: newId('account'),
  userId: newId('user'),
  userName: 'Ada Auditor',
  subject: { scope: 'account', window: WINDOW },
  exceptions: 'refuse',
  format: 'json',
  paper: 'a4',
  orderedAt: new Date('2026-10-02T08:00:00.123Z'),
};

const CHANGES: Readonly<Record<string, Partial<TakenOrder>>> = {
  'another id': { id: newId('report') },
  'another account': { accountId: newId('account') },
  'another asker': { userId: newId('user') },
  'another name of the asker': { userName: 'Grace Hopper' },
  'another window': {
    subject: { scope: 'account', window: { ...WINDOW, since: new Date(0), period: null } },
  },
  'no name of its period': { subject: { scope: 'account', window: { ...WINDOW, period: null } } },
  'another time zone': { subject: { scope: 'account', window: { ...WINDOW, tz: 'Etc/UTC' } } },
  'an agent': { subject: { scope: 'agent', agentId: newId('agent'), window: WINDOW } },
  'another rule for exceptions': { exceptions: 'list' },
  'another format': { format: 'csv' },
  'another paper': { paper: 'letter' },
  'another size of the account log': { logSize: 1 },
  'another time': { orderedAt: new Date('2026-10-02T08:00:00.124Z') },
};

describe('a stored order', () => {
  it('holds with the statement that was signed when it was taken', async () => {
    const statement = (await signOrder(sign, ORDER)) ?? '';
    assert.ok(statement.startsWith(`masker-evidence/order/v1\n${ORDER.id}\n`));
    assert.equal(orderFault(SIGNING.identity, ORDER, statement), null);
  });

  for (const [what, change] of Object.entries(CHANGES)) {
    it(`does not hold with ${what}`, async () => {
      const statement = (await signOrder(sign, ORDER)) ?? '';
      const fault = orderFault(SIGNING.identity, { ...ORDER, ...change }, statement);
      assert.match(fault ?? '', /No key of this deployment signed .* order the report again/);
    });
  }

  it('does not hold without a statement, or with one by another key', async () => {
    assert.notEqual(orderFault(SIGNING.identity, ORDER, undefined), null);
    const other = createStatementSigner(openSigning({ ...TEST_SIGNING, privateKeyPem: pemOf(66) }));
    const statement = (await signOrder(other, ORDER)) ?? '';
    assert.notEqual(orderFault(SIGNING.identity, ORDER, statement), null);
  });

  it('does not hold with a statement about the report, over the same digest', async () => {
    const statement =
      (await signOrder((id, stated) => sign(id, { ...stated, subject: 'report' }), ORDER)) ?? '';
    assert.notEqual(orderFault(SIGNING.identity, ORDER, statement), null);
  });

  it('bears no statement where there is no key, and holds', async () => {
    assert.equal(await signOrder(createStatementSigner(null), ORDER), null);
    assert.equal(orderFault(null, ORDER, undefined), null);
  });

  it('does not hold where its period is not its window, with a key and without', async () => {
    const window = { ...WINDOW, until: new Date('2026-09-01T00:00:00Z') };
    const odd: TakenOrder = { ...ORDER, subject: { scope: 'account', window } };
    const statement = (await signOrder(sign, odd)) ?? '';
    for (const [identity, signed] of [
      [SIGNING.identity, statement],
      [null, undefined],
    ] as const) {
      assert.match(orderFault(identity, odd, signed) ?? '', /its window is not 2026-Q3 in UTC\. Order/);
    }
  });
});
