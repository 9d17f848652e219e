import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AddressRule,
  admits,
  clientAddress,
  clientNetwork,
  compileAddressList,
  parseAddress,
  parseAddressRule,
} from '../../../src/domain/network.ts';

function ruleOf(text: string): AddressRule {
  const result = parseAddressRule(text);
  if (!result.ok) throw new Error(`${text}: ${result.detail}`);
  return result.rule;
}

function detailOf(text: string): string {
  const result = parseAddressRule(text);
  return result.ok ? `accepted as ${result.rule.text}` : result.detail;
}

function isAdmitted(allowed: string[], denied: string[], client: string): boolean {
  return admits(compileAddressList(allowed, denied), parseAddress(client));
}

describe('reading an address', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:1.2.3.4', '1.2.3.4'],
    ['::ffff:102:304', '1.2.3.4'],
    ['0:0:0:0:0:ffff:0102:0304', '1.2.3.4'],
    ['0000:0000:0000:0000:0000:ffff:1.2.3.4', '1.2.3.4'],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8::0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['::1.2.3.4', '::102:304'],
    ['::ff:1.2.3.4', '::ff:102:304'],
    ['::ff00:1.2.3.4', '::ff00:102:304'],
    ['::1:ffff:1.2.3.4', '::1:ffff:102:304'],
    ['1::ffff:1.2.3.4', '1::ffff:102:304'],
  ])('%s is %s', (text, canonical) => {
    expect(parseAddress(text)?.text).toBe(canonical);
  });

  test.each([
    '',
    '1.2.3.4:444',
    '010.0.0.1',
    '1.2.3.04',
    '1.2.3.00',
    '0x7f.0.0.1',
    '2130706433',
    '127.1',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.',
    '.1.2.3',
    '1..20.30',
    '.10.20.30',
    '10.20.30.',
    '1.2.3.256',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '+1.2.3.4',
    '1.2.3.-4',
    '1.2.3.4/32',
    '１.2.3.4',
    '[::1]',
    '[::1]:443',
    'fe80::1%eth0',
    'fe80::1%25eth0',
    '::ffff:1.2.3.4%1',
    '::ffff:010.0.0.1',
    '::ffff:1.2.3.4:444',
    '::ffff:1.2.3',
    '1.2.3.4::',
    '1.2.3.4::1',
    '::ffff:256.0.0.1',
    ':::',
    '::1::',
    ':1',
    '1:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::1',
    '::1\0',
    'unknown',
    'localhost',
    '_hidden',
  ])('%j cannot be read', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test('gives the same bytes for every notation of an IPv6 address, and reads its own canonical text', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const address = parseAddress(text);
        expect(address).not.toBeNull();
        expect(parseAddress(address?.text ?? '')).toEqual(address);
        expect(address?.bytes).toHaveLength(address?.family === 4 ? 4 : 16);
      }),
    );
  });

  test('gives the same address for IPv4 in dotted, mapped dotted and mapped hexadecimal form', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const address = parseAddress(text);
        const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
        expect(address).toEqual({ family: 4, bytes: [a, b, c, d], text });
        expect(parseAddress(`::ffff:${text}`)).toEqual(address);
        const high = (a * 256 + b).toString(16);
        expect(parseAddress(`::ffff:${high}:${(c * 256 + d).toString(16)}`)).toEqual(address);
      }),
    );
  });

  test('never throws', () => {
    const addressLike = fc.string({ unit: fc.constantFrom(...'012f:./%[] x') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), addressLike), (text) => {
        const address = parseAddress(text);
        expect(address === null || parseAddress(address.text)?.text === address.text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an entry of an address list', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4', 32],
    ['1.2.3.4/32', '1.2.3.4', 32],
    ['10.0.0.0/8', '10.0.0.0/8', 8],
    ['192.168.4.0/23', '192.168.4.0/23', 23],
    ['0.0.0.0/0', '0.0.0.0/0', 0],
    ['::/0', '::/0', 0],
    ['2001:DB8:0::/33', '2001:db8::/33', 33],
    ['2001:db8::1', '2001:db8::1', 128],
    ['2001:db8::1/128', '2001:db8::1', 128],
    ['::ffff:1.2.3.4', '1.2.3.4', 32],
    ['::ffff:102:304', '1.2.3.4', 32],
  ])('%s is taken as %s', (text, canonical, prefixLength) => {
    expect(ruleOf(text)).toMatchObject({ text: canonical, prefixLength });
  });

  test.each([
    ['10.1.2.3/8', 'bits outside the prefix are set: write 10.0.0.0/8 for the whole block, or 10.1.2.3 for'],
    ['10.0.0.1/31', 'write 10.0.0.0/31 for the whole block'],
    ['0.0.0.1/0', 'write 0.0.0.0/0 for the whole block'],
    ['2001:db8::1/64', 'write 2001:db8::/64 for the whole block, or 2001:db8::1 for the one address'],
    ['2001:db8:8000::/32', 'write 2001:db8::/32 for the whole block'],
    ['fe80::1%eth0', 'leave out the zone id'],
    ['fe80::%eth0/64', 'leave out the zone id'],
    ['1.2.3.0/33', 'the prefix length of an IPv4 block is a whole number from 0 to 32'],
    ['1.0.0.0/08', 'without sign or leading zeros'],
    ['1.0.0.0/-1', 'without sign or leading zeros'],
    ['1.0.0.0/+8', 'without sign or leading zeros'],
    ['1.0.0.0/', 'a whole number from 0 to 32'],
    ['1.0.0.0/8/8', 'a whole number from 0 to 32'],
    ['1.0.0.0/8.0', 'a whole number from 0 to 32'],
    ['1.0.0.0/1e1', 'a whole number from 0 to 32'],
    ['1.0.0.0/255.0.0.0', 'a whole number from 0 to 32'],
    ['::/129', 'the prefix length of an IPv6 block is a whole number from 0 to 128'],
    ['::ffff:0:0/96', 'write 0.0.0.0/0 instead of a mapped block'],
    ['::ffff:1.2.3.4/120', 'write 1.2.3.0/24 instead of a mapped block'],
    ['::ffff:1.2.3.4/128', 'write 1.2.3.4 instead of a mapped block'],
    ['::ffff:0:0/90', 'write the block in dotted decimal instead of a mapped block'],
    ['::ffff:0:0/x', 'write the block in dotted decimal instead of a mapped block'],
    ['010.0.0.1', 'without leading zeros'],
    ['10.0.0.00/24', 'without leading zeros'],
    ['::ffff:010.0.0.1', 'without leading zeros'],
    ['1.2.3.4:444', 'leave out the port'],
    ['[2001:db8::1]:444', 'leave out the brackets, and the port'],
    [' 1.2.3.4', 'remove the white space'],
    ['1.2.3.4\n', 'remove the white space'],
    ['10.0.0.0/ 8', 'remove the white space'],
    ['1.2.3.4, 5.6.7.8', 'remove the white space; an entry is one address or one block'],
    ['', 'write an address such as 203.0.113.7'],
    ['/8', 'write an address such as 203.0.113.7'],
    ['10.0.0/8', 'this is neither an address nor a block'],
    ['127.1', 'this is neither an address nor a block'],
    ['example.com', 'this is neither an address nor a block'],
    ['*', 'this is neither an address nor a block'],
  ])('%j is refused: %s', (text, detail) => {
    expect(detailOf(text)).toContain(detail);
  });

  test('that is refused is not repeated, since it may be a secret in the wrong field', () => {
    for (const secret of [
      'kra_0123456789',
      'sk-proj 0123456789',
      `1.2.3.4:${'9'.repeat(99)}`,
      '1.0.0.0/kra_01',
    ]) {
      expect(detailOf(secret)).not.toMatch(/kra_|proj|99|accepted/);
    }
  });

  test('with host bits set is answered with the block that is then accepted', () => {
    const blocks = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 31 })),
      fc.tuple(
        fc.ipV6().filter((text) => parseAddress(text)?.family === 6),
        fc.integer({ min: 0, max: 127 }),
      ),
    );
    fc.assert(
      fc.property(blocks, ([address, prefixLength]) => {
        const detail = detailOf(`${address}/${prefixLength}`);
        const suggestion = /write (\S+) for the whole block/.exec(detail)?.[1];
        const accepted = /^accepted as (\S+)$/.exec(detail)?.[1];
        const block = ruleOf(suggestion ?? accepted ?? '');
        expect(block.prefixLength).toBe(prefixLength);
        expect(isAdmitted([block.text], [], address)).toBe(true);
      }),
    );
  });
});

describe('an address list', () => {
  test('without entries restricts nobody, not even an unreadable address', () => {
    expect(admits(compileAddressList([], []), parseAddress('1.2.3.4'))).toBe(true);
    expect(admits(compileAddressList([], []), null)).toBe(true);
  });

  test.each([
    [['1.2.3.4'], []],
    [[], ['1.2.3.4']],
    [['0.0.0.0/0', '::/0'], []],
  ])('%j allowed, %j denied: an unreadable address is refused', (allowed, denied) => {
    expect(admits(compileAddressList(allowed, denied), null)).toBe(false);
  });

  test('admits only the allowed where some are allowed', () => {
    expect(isAdmitted(['10.0.0.0/8', '2001:db8::/32'], [], '10.255.0.1')).toBe(true);
    expect(isAdmitted(['10.0.0.0/8', '2001:db8::/32'], [], '2001:db8:ffff::1')).toBe(true);
    expect(isAdmitted(['10.0.0.0/8', '2001:db8::/32'], [], '11.0.0.0')).toBe(false);
    expect(isAdmitted(['10.0.0.0/8', '2001:db8::/32'], [], '2001:db9::')).toBe(false);
  });

  test('admits all but the denied where only some are denied', () => {
    expect(isAdmitted([], ['10.0.0.0/9'], '10.127.255.255')).toBe(false);
    expect(isAdmitted([], ['10.0.0.0/9'], '10.128.0.0')).toBe(true);
  });

  test('refuses the denied even if they are allowed', () => {
    expect(isAdmitted(['10.0.0.0/8'], ['10.1.0.0/16'], '10.1.2.3')).toBe(false);
    expect(isAdmitted(['10.1.2.3'], ['0.0.0.0/0'], '10.1.2.3')).toBe(false);
    expect(isAdmitted(['10.0.0.0/8'], ['10.1.0.0/16'], '10.2.2.3')).toBe(true);
  });

  test.each(['::ffff:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:FFFF:0a01:0203'])(
    'with an IPv4 rule catches the IPv4 client that comes as %s',
    (client) => {
      expect(isAdmitted([], ['10.0.0.0/8'], client)).toBe(false);
      expect(isAdmitted(['10.0.0.0/8'], [], client)).toBe(true);
    },
  );

  test('with an IPv4 rule does not match the same digits in another IPv6 form', () => {
    expect(isAdmitted(['10.1.2.3'], [], '::10.1.2.3')).toBe(false);
    expect(isAdmitted(['10.1.2.3'], [], '64:ff9b::10.1.2.3')).toBe(false);
  });

  test('keeps the families apart', () => {
    expect(isAdmitted(['::/0'], [], '1.2.3.4')).toBe(false);
    expect(isAdmitted(['0.0.0.0/0'], [], '::1')).toBe(false);
    expect(isAdmitted(['0.0.0.0/0', '::/0'], [], '::1')).toBe(true);
  });

  test.each([
    [['garbage'], []],
    [[], ['garbage']],
    [['1.2.3.4', '10.0.0.1/8'], []],
    [['1.2.3.4'], ['::ffff:0:0/96']],
    [[''], []],
    [JSON.parse('[null]'), []],
    [JSON.parse('"1.2.3.4"'), []],
    [JSON.parse('null'), []],
    [[], JSON.parse('{}')],
  ])('that cannot be read admits nobody: %j, %j', (allowed, denied) => {
    const list = compileAddressList(allowed, denied);
    expect(admits(list, parseAddress('1.2.3.4'))).toBe(false);
    expect(admits(list, null)).toBe(false);
  });

  test('agrees with the block list of Node on every address and block', () => {
    const near = (family: 4 | 6) => (family === 4 ? fc.ipV4() : fc.ipV6());
    const cases = fc
      .constantFrom<4 | 6>(4, 6)
      .chain((family) =>
        fc.tuple(near(family), near(family), fc.integer({ min: 0, max: family === 4 ? 32 : 128 })),
      );
    fc.assert(
      fc.property(cases, fc.nat(), ([base, other, prefixLength], flip) => {
        const address = parseAddress(base);
        fc.pre(address !== null && parseAddress(other)?.family === address.family);
        const bits = address?.family === 4 ? 32 : 128;
        fc.pre(prefixLength <= bits);
        const block = /write (\S+) for the whole/.exec(detailOf(`${base}/${prefixLength}`))?.[1] ?? base;
        fc.pre(block.includes('/'));
        const flipped = address?.bytes.map((byte, i) =>
          i === (flip % bits) >> 3 ? byte ^ (1 << (flip & 7)) : byte,
        );
        const type = bits === 32 ? 'ipv4' : 'ipv6';
        const nearby =
          bits === 32
            ? (flipped ?? []).join('.')
            : (flipped ?? [])
                .map((byte, i) => byte.toString(16).padStart(2, '0') + (i % 2 && i < 15 ? ':' : ''))
                .join('');
        const node = new BlockList();
        node.addSubnet(block.split('/')[0] ?? '', prefixLength, type);
        for (const client of [base, other, nearby]) {
          fc.pre(parseAddress(client)?.family === address?.family);
          expect(isAdmitted([block], [], client)).toBe(node.check(client, type));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the network of a client', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['0:0:0:5::1', '0:0:0:5::/64'],
    ['::1', '::/64'],
  ])('of %s is %s', (address, network) => {
    expect(clientNetwork(parseAddress(address))).toBe(network);
  });

  test('of an address that cannot be read is unknown', () => {
    expect(clientNetwork(null)).toBe('unknown');
  });

  test('is shared by exactly the IPv6 addresses with the same first 64 bits', () => {
    const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16));
    const half = fc.tuple(group, group, group, group).map((groups) => groups.join(':'));
    fc.assert(
      fc.property(half, half, half, half, (high, otherHigh, low, otherLow) => {
        const network = clientNetwork(parseAddress(`${high}:${low}`));
        expect(clientNetwork(parseAddress(`${high}:${otherLow}`))).toBe(network);
        expect(clientNetwork(parseAddress(`${otherHigh}:${low}`)) === network).toBe(high === otherHigh);
      }),
    );
  });
});

describe('the address of a client', () => {
  const proxies = ['10.0.0.0/8', '2001:db8:aaaa::/48'].map(ruleOf);
  const addressOf = (peer: string | undefined, forwardedFor?: string) =>
    clientAddress(peer, forwardedFor, proxies)?.text ?? null;

  test('is that of the peer on a direct connection', () => {
    expect(addressOf('203.0.113.7')).toBe('203.0.113.7');
    expect(addressOf('::ffff:203.0.113.7')).toBe('203.0.113.7');
  });

  test('is not spoofed by a header on a direct connection', () => {
    expect(addressOf('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7');
    expect(addressOf('203.0.113.7', '10.0.0.1')).toBe('203.0.113.7');
    expect(addressOf('203.0.113.7', 'garbage')).toBe('203.0.113.7');
  });

  test('is never taken from a header where no proxy is trusted', () => {
    expect(clientAddress('10.0.0.1', '198.51.100.1', [])?.text).toBe('10.0.0.1');
  });

  test.each([
    ['10.0.0.1', '198.51.100.1', '198.51.100.1', 'the one hop'],
    ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1', 'the same behind a proxy in mapped form'],
    ['::ffff:a00:1', '198.51.100.1', '198.51.100.1', 'the same behind a proxy in mapped hexadecimal form'],
    ['2001:db8:aaaa::1', '2001:db8::5', '2001:db8::5', 'an IPv6 hop'],
    ['10.0.0.1', '192.0.2.66, 198.51.100.1', '198.51.100.1', 'the rightmost hop, not what the client sent'],
    ['10.0.0.1', '198.51.100.1, 10.0.0.3,10.0.0.2', '198.51.100.1', 'the hop left of trusted proxies'],
    ['10.0.0.1', '10.9.9.9, 198.51.100.1, 10.0.0.2', '198.51.100.1', 'the first untrusted from the right'],
    ['10.0.0.1', 'garbage, 198.51.100.1', '198.51.100.1', 'the client, whatever it wrote itself'],
    ['10.0.0.1', '\t 198.51.100.1 \t,  10.0.0.2 ', '198.51.100.1', 'a hop amid blanks'],
    ['10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1', 'a mapped hop as IPv4'],
    ['10.0.0.1', '10.0.0.4, 10.0.0.3', '10.0.0.4', 'the leftmost where all are trusted'],
  ])('behind %s with X-Forwarded-For %j is %s: %s', (peer, forwardedFor, expected) => {
    expect(addressOf(peer, forwardedFor)).toBe(expected);
  });

  test('behind a proxy that sends no header is that of the proxy', () => {
    expect(addressOf('10.0.0.1', undefined)).toBe('10.0.0.1');
  });

  test.each([
    'garbage',
    '',
    ' ',
    '198.51.100.1,',
    '198.51.100.1, , 10.0.0.2',
    ',10.0.0.2',
    '198.51.100.1:444',
    '[2001:db8::5]:444',
    '[2001:db8::5]',
    'fe80::1%eth0',
    '010.0.0.1',
    '0x0a000001',
    'unknown',
    '198.51.100.1, garbage, 10.0.0.2',
    '198.51.100.1\u00a0',
    '198.51.100.1;10.0.0.2',
  ])('behind a proxy with X-Forwarded-For %j cannot be read', (forwardedFor) => {
    expect(addressOf('10.0.0.1', forwardedFor)).toBeNull();
  });

  test.each([undefined, '', 'fe80::1%eth0'])('cannot be read where the peer is %j', (peer) => {
    expect(addressOf(peer, '198.51.100.1')).toBeNull();
  });

  test('is always the one the innermost proxy saw, whatever stands left of it', () => {
    const hops = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { maxLength: 5 });
    const trusted = fc.array(fc.constantFrom('10.0.0.2', '10.255.0.1', '2001:db8:aaaa::9'), { maxLength: 3 });
    fc.assert(
      fc.property(hops, trusted, (spoofed, chain) => {
        expect(addressOf('10.0.0.1', [...spoofed, '198.51.100.1', ...chain].join(','))).toBe('198.51.100.1');
      }),
    );
  });

  test('is found in a header of any size in linear time', () => {
    const hugeBlank = `198.51.100.1,${' '.repeat(500_000)}x${' '.repeat(500_000)}y`;
    expect(addressOf('10.0.0.1', hugeBlank)).toBeNull();
    expect(addressOf('10.0.0.1', `198.51.100.1${', 10.0.0.2'.repeat(20_000)}`)).toBe('198.51.100.1');
  });
});
