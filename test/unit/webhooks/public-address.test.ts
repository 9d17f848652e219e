import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../src/webhooks/public-address.ts';

/** IANA IPv4 Special-Purpose Address Registry and multicast: the first and last address of each block. */
const INSIDE_V4 = [
  ['0.0.0.0', '0.255.255.255'],
  ['10.0.0.0', '10.255.255.255'],
  ['100.64.0.0', '100.127.255.255'],
  ['127.0.0.0', '127.255.255.255'],
  ['169.254.0.0', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255'],
  ['192.0.0.0', '192.0.0.255'],
  ['192.0.2.0', '192.0.2.255'],
  ['192.88.99.0', '192.88.99.255'],
  ['192.168.0.0', '192.168.255.255'],
  ['198.18.0.0', '198.19.255.255'],
  ['198.51.100.0', '198.51.100.255'],
  ['203.0.113.0', '203.0.113.255'],
  ['224.0.0.0', '239.255.255.255'],
  ['240.0.0.0', '255.255.255.255'],
] as const;

/** The addresses just outside those blocks, and a few well-known ones. */
const PUBLIC_V4 = [
  ...[
    '1.0.0.0',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
  ],
  ...['169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '191.255.255.255', '192.0.1.0'],
  ...['192.0.3.0', '192.88.98.255', '192.88.100.0', '192.167.255.255', '192.169.0.0', '198.17.255.255'],
  ...['198.20.0.0', '198.51.99.255', '198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ...['8.8.8.8', '168.63.129.15', '168.63.129.17'],
];

const INSIDE_V6 = [
  ...['::', '::1', '::7f00:1', '::8.8.8.8', '::ffff:0:8.8.8.8', '64:ff9b::808:808', '64:ff9b::a9fe:a9fe'],
  ...['64:ff9b:1::1', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', '100::1', '100:0:0:1::1', '1fff:ffff::1'],
  ...[
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '2001:1::1',
    '2001:2::1',
    '2001:3::1',
    '2001:4:112::1',
  ],
  ...['2001:10::1', '2001:20::1', '2001:30::1', '2001:1ff:ffff::1', '2001:db8::1', '2001:db8:ffff::1'],
  ...[
    '2002::1',
    '2002:7f00:1::1',
    '2002:ffff::1',
    '3fff::1',
    '3fff:fff:ffff::1',
    '4000::1',
    '5f00::1',
    '8000::1',
  ],
  ...['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
];

const PUBLIC_V6 = [
  '2001:200::1',
  '2001:db7:ffff::1',
  '2001:db9::1',
  '2003::1',
  '2606:4700::1111',
  '3fff:1000::1',
];

const NOT_CANONICAL = [
  ...[
    '',
    ' ',
    '8.8.8',
    '134744072',
    '0x8.8.8.8',
    '010.8.8.8',
    '8.8.8.8.',
    ' 8.8.8.8',
    '8.8.8.8/32',
    '8.8.8.8:80',
  ],
  ...[
    '[2606:4700::1111]',
    '2606:4700::1111%eth0',
    'fe80::1%eth0',
    '2606:4700:::1111',
    'example.com',
    '８.8.8.8',
  ],
];

describe('a public address', () => {
  test.each(INSIDE_V4)('is not in the special block %s to %s', (first, last) => {
    expect([first, last].filter(isPublicAddress)).toEqual([]);
    expect([first, last].map((address) => `::ffff:${address}`).filter(isPublicAddress)).toEqual([]);
  });

  test('is any other IPv4 address, written as IPv4 or mapped into IPv6', () => {
    expect(PUBLIC_V4.filter((address) => !isPublicAddress(address))).toEqual([]);
    expect(PUBLIC_V4.filter((address) => !isPublicAddress(`::ffff:${address}`))).toEqual([]);
    expect(isPublicAddress('::ffff:808:808')).toBe(true);
  });

  test('is not the host agent of a cloud', () => {
    expect(['168.63.129.16', '::ffff:168.63.129.16', '::ffff:a83f:8110'].filter(isPublicAddress)).toEqual([]);
    expect(isPublicAddress('::ffff:a9fe:a9fe')).toBe(false);
  });

  test('is no IPv6 address outside global unicast, nor one that carries an IPv4 address', () => {
    expect(INSIDE_V6.filter(isPublicAddress)).toEqual([]);
  });

  test('is a global unicast IPv6 address', () => {
    expect(PUBLIC_V6.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  test('is nothing that is not a canonical literal, and nothing with a zone', () => {
    expect(NOT_CANONICAL.filter(isPublicAddress)).toEqual([]);
  });

  test('is never refused or accepted by throwing', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()),
        (text) => typeof isPublicAddress(text) === 'boolean',
      ),
    );
  });

  test('begins with 2 or 3 where it is IPv6, other than a mapped one', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (!isPublicAddress(address)) return;
        const canonical = new URL(`http://[${address}]`).hostname;
        expect(canonical).toMatch(/^\[([23][0-9a-f]{3}:|::ffff:)/);
      }),
    );
  });
});
