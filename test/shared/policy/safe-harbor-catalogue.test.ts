import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldKind, parseCatalogue, SAFE_HARBOR } from '../../../shared/policy/safe-harbor-catalogue.ts';

const changed = (change: (catalogue: typeof SAFE_HARBOR) => void) => {
  const copy = structuredClone(SAFE_HARBOR);
  change(copy);
  return () => parseCatalogue(copy);
};

test('the catalogue cites the 18 identifiers in the order of the regulation', () => {
  const letters = SAFE_HARBOR.identifiers.map(({ key, citation }) => {
    assert.equal(citation, `45 CFR 164.514(b)(2)(i)(${key[0]})`);
    return key[0];
  });
  assert.equal(letters.join(''), 'ABCDEFGHIJKLMNOPQR');
});

test('a catalogue with identifiers out of order is refused', () => {
  assert.throws(
    changed((catalogue) => catalogue.identifiers.reverse()),
    /18 keys in order/,
  );
});

test('a catalogue with a cap without a reason is refused', () => {
  assert.throws(
    changed((catalogue) => delete catalogue.identifiers[11]!.why),
    /L_vehicle needs a reason/,
  );
});

test('a catalogue with a facet of a kind without grades is refused', () => {
  assert.throws(
    changed((catalogue) => catalogue.identifiers[0]!.facets[0]!.push({ kind: 'NICKNAME' })),
    /A_names names a kind without grades/,
  );
});

test('a catalogue with an alias that is a kind itself is refused', () => {
  assert.throws(
    changed((catalogue) => Object.assign(catalogue.aliases, { SSN: 'NAME' })),
    /alias SSN/,
  );
});

const FOLDS = {
  person_name: 'NAME',
  phone_number: 'PHONE',
  dob: 'DOB',
  account_number: 'ACCOUNT',
  CREDIT_CARD: 'ACCOUNT',
  ZIP: 'ADDRESS',
  MBI: 'HEALTH_PLAN',
  VIN: 'VEHICLE',
  NPI: 'LICENSE',
  IPV4: 'IP_ADDRESS',
  'ip-address': 'IP_ADDRESS',
  'Date of Birth': 'DOB',
};

for (const [written, kind] of Object.entries(FOLDS)) {
  test(`the name ${written} is folded into the kind ${kind}`, () => {
    assert.equal(foldKind(written), kind);
  });
}

test('no member of a prototype is mapped to a kind', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
    assert.equal(foldKind(name), null);
  }
});

test('no name that only looks like a kind in upper case is mapped to a kind', () => {
  for (const name of ['\u017fsn', 'DATE\u017f', 'ema\u0131l']) assert.equal(foldKind(name), null);
});
