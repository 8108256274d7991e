// Where a webhook may lead.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findUrlProblem } from '../../../shared/webhooks/check-url.ts';
import { isPublicAddress } from '../../../shared/webhooks/public-address.ts';

const NOT_PUBLIC = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '0177.0.0.1', '2130706433', '0x7f.1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'fec0::1'],
  shared: ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  'unique-local': ['fc00::1', 'fd12:3456::1', 'fd00:ec2::254'],
  'IPv4 in IPv6': ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1', '::127.0.0.1', '::ffff:0:127.0.0.1'],
  translated: [
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  ],
  'kept for other uses': [
    ...[
      '192.0.0.1',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '240.0.0.1',
      '255.255.255.255',
    ],
    ...['100::1', '2001:db8::1', '3fff::1', '5f00::1', '2001:2::1', '4000::1'],
  ],
  'no address': ['', 'localhost', '1.2.3.4.5', '8.8.8.8/8', '999.1.1.1'],
};

test('addresses that are not of the public internet are refused', async (t) => {
  for (const [kind, addresses] of Object.entries(NOT_PUBLIC)) {
    await t.test(kind, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }
});

test('public addresses are taken', () => {
  for (const address of [
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
  ]) {
    assert.equal(isPublicAddress(address), true, address);
  }
});

const asPublic = async () => [{ address: '8.8.8.8', family: 4 }];
const ask = (url: string, resolve = asPublic, allowPrivate = false) =>
  findUrlProblem(url, { allowPrivate, resolve });

test('a URL that a webhook may not have is refused with a remedy', async () => {
  const refused: [url: string, problem: RegExp][] = [
    ['hello', /https:\/\//],
    ['/path', /https:\/\//],
    ['http://example.com/', /https:\/\//],
    ['ftp://example.com/', /https:\/\//],
    ['javascript:alert(1)', /https:\/\//],
    ['https://user@example.com/', /user or password/],
    ['https://:hunter2@example.com/', /user or password/],
    ['https://example.com/#part', /fragment/],
    ['https://example.com/#', /fragment/],
    [`https://example.com/${'x'.repeat(2_000)}`, /2000 characters/],
    ['https://127.0.0.1/', /no public address/],
    ['https://0x7f000001/', /no public address/],
    ['https://2130706433/', /no public address/],
    ['https://0177.1/', /no public address/],
    ['https://[::1]/', /no public address/],
    ['https://[::ffff:10.0.0.1]/', /no public address/],
    ['https://[64:ff9b::a00:1]/', /no public address/],
  ];
  for (const [url, problem] of refused) {
    const found = (await ask(url)) ?? '';
    assert.match(found, problem, url);
    assert.ok(!found.includes('hunter2'));
  }
  assert.equal(await ask('https://example.com:8443/hooks?x=1'), null);
});

test('every address of a name has to be public, and a name without one is told like a private one', async () => {
  const both = async () => [...(await asPublic()), { address: '10.0.0.1', family: 4 }];
  const none = async () => {
    throw new Error('ENOTFOUND');
  };
  const told = [await ask('https://a.example/', both), await ask('https://b.example/', none)];
  assert.match(told[0] ?? '', /no public address/);
  assert.equal(told[0], told[1]);
  assert.equal(await ask('http://10.0.0.1/', none, true), null);
});
