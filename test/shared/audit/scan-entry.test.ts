import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readEntry } from '../../../shared/audit/entry.ts';
import { createEntryScanner, emptyScan } from '../../../shared/audit/scan-entry.ts';
import { DAY_MS } from '../../../shared/time/durations.ts';
import { AGENT_ID, RAW_REDACTION, SESSION_ID, writeRaw } from '../../support/entries.ts';
import { IMPOSSIBLE_TIMES } from '../../support/impossible-times.ts';
import { TEXTS, VALUES } from '../../support/member-values.ts';

const scanEntry = createEntryScanner(AGENT_ID, SESSION_ID);
const USUAL = writeRaw(RAW_REDACTION);
const RAW_FAILURE = makeRawFailure();
const HEX = /^[0-9a-f]{64}$/;

function makeRawFailure(): Record<string, string> {
  const { confidence: _, pass: __, span: ___, ...rest } = RAW_REDACTION;
  const members = { ...rest, kind: '"rehydration_failed"', reason: '"token not found in vault"' };
  return sorted(members);
}

function sorted(members: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the scan found in these bytes; null where it cannot tell, or where a hash, which it does not look at, is none. */
function scan(bytes: Buffer, begin = 0, end = bytes.length) {
  const found = emptyScan();
  if (!scanEntry(bytes, begin, end, found)) return null;
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  const hashes = [found.prevHashAt, found.thisHashAt].map((at) => text(at, at + 64));
  if (!hashes.every((hash) => HEX.test(hash))) return null;
  return {
    seq: found.seq,
    ts: text(found.tsAt, found.tsAt + 24),
    eventId: text(found.eventIdAt, found.eventIdAt + 30),
    sessionId: SESSION_ID,
    agentId: AGENT_ID,
    kind: found.isRedaction ? 'redaction' : 'rehydration_failed',
    pass: found.isRedaction ? text(found.passBegin, found.passEnd) : null,
    entityKind: text(found.entityKindBegin, found.entityKindEnd),
    prevHashHex: hashes[0],
    thisHashHex: hashes[1],
  };
}

/** The full check must agree with whatever the quick one says yes to. Returns whether it said yes. */
function agrees(bytes: Buffer, begin = 0, end = bytes.length): boolean {
  const scanned = scan(bytes, begin, end);
  if (!scanned) return false;
  const entry = readEntry(bytes.subarray(begin, end));
  assert.ok(entry, 'the full check says no');
  const { members: _, ...read } = entry;
  assert.deepEqual(scanned, read);
  return true;
}

describe('the quick check of an entry', () => {
  it('scans a common redaction', () => {
    assert.ok(agrees(Buffer.from(USUAL)));
  });

  it('scans a common rehydration failure', () => {
    assert.ok(agrees(Buffer.from(writeRaw(RAW_FAILURE))));
  });

  it('checks every character of a time whose second it has seen before', () => {
    const honest = '2026-05-02T18:46:30.458Z';
    const scanOf = (ts: string) => scan(Buffer.from(writeRaw({ ...RAW_REDACTION, ts: `"${ts}"` })));
    for (let at = 0; at < honest.length; at += 1) {
      assert.equal(scanOf(honest)?.ts, honest);
      assert.equal(scanOf(`${honest.slice(0, at)}x${honest.slice(at + 1)}`), null, `character ${at}`);
    }
  });

  it('scans an entry of every day that the calendar has, and gives no yes for any other time', () => {
    const scansOf = (ts: string) => agrees(Buffer.from(writeRaw({ ...RAW_REDACTION, ts: `"${ts}"` })));
    for (const year of ['0000', '1900', '2000', '2026', '2028', '9999']) {
      for (let at = Date.parse(`${year}-01-01T18:46:30.458Z`), day = 0; day < 365; day += 1, at += DAY_MS) {
        const ts = new Date(at).toISOString();
        assert.ok(scansOf(ts), ts);
      }
    }
    for (const ts of Object.values(IMPOSSIBLE_TIMES).flat()) assert.ok(!scansOf(ts), ts);
  });

  it('agrees with the full check on a rehydration failure whose members are odd, missing or added', () => {
    for (const [name, values] of Object.entries({ ...VALUES, reason: TEXTS })) {
      for (const value of values) agrees(Buffer.from(writeRaw(sorted({ ...RAW_FAILURE, [name]: value }))));
    }
    for (const name of Object.keys(RAW_FAILURE)) {
      const { [name]: _, ...rest } = RAW_FAILURE;
      assert.equal(scan(Buffer.from(writeRaw(rest))), null, name);
    }
    for (const [name, value] of [
      ['pass', '"gemma"'],
      ['reason', '"x"'],
    ] as const) {
      const [from, kind] = name === 'pass' ? [RAW_FAILURE, 'failure'] : [RAW_REDACTION, 'redaction'];
      assert.equal(scan(Buffer.from(writeRaw(sorted({ ...from, [name]: value })))), null, kind);
    }
  });

  it('scans common values at the edges of their ranges', () => {
    const edges: Record<string, string>[] = [
      ...['0', '1', '0.1', '0.000001', '0.123456789012345'].map((confidence) => ({ confidence })),
      ...['0', '7', '999999999999999'].map((seq) => ({ seq })),
      ...['[0,0]', '[5,5]', '[9,10]'].map((span) => ({ span })),
      ...['""', '"__proto__"', `"${'x'.repeat(128)}"`].map((entity_kind) => ({ entity_kind })),
    ];
    for (const edge of edges) {
      assert.ok(agrees(Buffer.from(writeRaw({ ...RAW_REDACTION, ...edge }))), JSON.stringify(edge));
    }
  });

  it('agrees with the full check on an entry with any value in one member', () => {
    for (const [name, values] of Object.entries(VALUES)) {
      for (const value of values) agrees(Buffer.from(writeRaw({ ...RAW_REDACTION, [name]: value })));
    }
  });

  it('agrees with the full check on an entry with an odd value in every member', () => {
    const odd = fc.record(
      Object.fromEntries(
        Object.entries(VALUES).map(([name, values]) => [
          name,
          fc.oneof(
            { weight: 6, arbitrary: fc.constant(RAW_REDACTION[name] as string) },
            fc.constantFrom(...values),
          ),
        ]),
      ),
    );
    let yes = 0;
    fc.assert(
      fc.property(odd, (members) => {
        if (agrees(Buffer.from(writeRaw({ ...RAW_REDACTION, ...members })))) yes += 1;
      }),
      { numRuns: 5_000 },
    );
    assert.ok(yes > 50, 'nothing was compared');
  });

  it('agrees with the full check on an entry whose members are missing, exchanged, doubled or added', () => {
    const names = Object.keys(RAW_REDACTION);
    const extra = fc.constantFrom('zz', 'aa', '__proto__', 'reason', 'é', 'pasz', 'seq');
    const chosen = fc.array(fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...names) }, extra), {
      maxLength: 18,
    });
    fc.assert(
      fc.property(chosen, (picked) => {
        const written = picked.map((name) => `"${name}":${RAW_REDACTION[name] ?? '"x"'}`);
        agrees(Buffer.from(`{${written.join(',')}}`));
      }),
      { numRuns: 2_000 },
    );
    for (const name of names) {
      const { [name]: _, ...rest } = RAW_REDACTION;
      assert.equal(scan(Buffer.from(writeRaw(rest))), null, name);
    }
  });

  it('agrees with the full check on an entry whose bytes are changed, inserted and removed', () => {
    const usual = Buffer.from(USUAL);
    const change = fc.record({
      at: fc.nat(usual.length),
      remove: fc.nat(3),
      insert: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc
          .constantFrom('0', '9', '.', '"', ',', '\\', 'é', '\u0000', '\ufeff', ' ', '-', 'e')
          .map((text) => Buffer.from(text)),
      ),
    });
    let yes = 0;
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let bytes: Buffer = usual;
        for (const { at, remove, insert } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        }
        if (agrees(bytes)) yes += 1;
      }),
      { numRuns: 20_000 },
    );
    assert.ok(yes > 50, 'nothing was compared');
  });

  it('agrees with the full check on a change at every single byte', () => {
    const usual = Buffer.from(USUAL);
    for (let at = 0; at < usual.length; at += 1) {
      for (const byte of [
        0x00, 0x20, 0x22, 0x2c, 0x30, 0x31, 0x39, 0x41, 0x5c, 0x61, 0x7f, 0x80, 0xc3, 0xff,
      ]) {
        const changed = Buffer.from(usual);
        changed[at] = byte;
        agrees(changed);
      }
    }
  });

  it('reads only the bytes of its own entry', () => {
    const around = Buffer.concat([Buffer.from('{"x":'), Buffer.from(USUAL), Buffer.from(USUAL)]);
    const begin = 5;
    const end = begin + USUAL.length;
    assert.ok(agrees(around, begin, end));
    for (const [from, to] of [
      [begin, end - 1],
      [begin, end + 1],
      [begin + 1, end],
      [0, end],
    ] as const) {
      assert.equal(scan(around, from, to), null);
    }
    assert.equal(scan(around, begin, around.length), null);
    assert.equal(scan(around.subarray(0, end - 3), begin, end), null);
  });

  it('scans no entry for a session or agent whose id is malformed', () => {
    const injected = `${AGENT_ID}","also":"x`;
    const bytes = Buffer.from(writeRaw({ ...RAW_REDACTION, agent_id: `"${injected}"` }));
    assert.equal(createEntryScanner(injected, SESSION_ID)(bytes, 0, bytes.length, emptyScan()), false);
    const wide = Buffer.from(USUAL.replace(AGENT_ID, `${AGENT_ID.slice(0, -1)}\u0158`), 'latin1');
    const aliased = createEntryScanner(`${AGENT_ID.slice(0, -1)}\u0158`, SESSION_ID);
    assert.equal(aliased(wide, 0, wide.length, emptyScan()), false);
  });
});
