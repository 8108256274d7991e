import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../../shared/audit/ids.ts';
import { isPlaced } from '../../../shared/sessions/placed-row.ts';
import type { StoredSession } from '../../../shared/sessions/session-row.ts';
import { accountId, ENDED, rowOf } from '../../support/session-transitions.ts';

const placed = (fields: object) =>
  isPlaced(rowOf({ ...ENDED, ...fields } as Partial<StoredSession>), accountId);

describe('a row in lists and sums', () => {
  it('a row as a writer stores it has its place', () => {
    assert.ok(placed({}));
    assert.ok(placed({ importing: undefined, aggregate: null, log: 5, upstream_model: 5 }));
  });

  it('a row has none with a date that no calendar has, which a database can hold', () => {
    const noDate = new Date(Number.NaN);
    assert.equal(placed({ started_at: noDate }), false);
    assert.equal(placed({ ended_at: noDate }), false);
  });

  it('a row has none whose account is another than the filter read: of two fields of one name the driver reads the last', () => {
    assert.equal(placed({ account_id: newId('account') }), false);
    assert.equal(placed({ account_id: [accountId] }), false);
  });
});
