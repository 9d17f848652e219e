import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BlockedAddress, createAddressGuard } from '../../../src/webhooks/address-guard.ts';

const INSIDE_URLS = [
  ...[
    '127.1',
    '2130706433',
    '0x7f.1',
    '017700000001',
    '0x7f000001',
    '012.0.0.1',
    '127.0.0.1.',
    '0',
    '0.0.0.0',
  ],
  ...[
    '１２７.０.０.１',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '%31%32%37.0.0.1',
    '169.254.169.254',
    '2852039166',
    '10.0.0.1',
  ],
  ...[
    '[::1]',
    '[::]',
    '[::ffff:a9fe:a9fe]',
    '[::ffff:169.254.169.254]',
    '[::a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
  ],
  ...[
    '[2002:a9fe:a9fe::]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
  ],
];

function lookupAll(guard: ReturnType<typeof createAddressGuard>, name: string) {
  return promisify<string, object, unknown>(guard.lookup)(name, { all: true });
}

function resolving(...addresses: string[]) {
  return async () => addresses.map((address) => ({ address }));
}

describe('the address guard on a URL', () => {
  const guard = createAddressGuard([]);

  test.each(INSIDE_URLS)('blocks https://%s/', (host) => {
    expect(() => guard.check(new URL(`https://${host}/hook`))).toThrow(BlockedAddress);
    expect(() => guard.check(new URL(`http://${host}:8080/hook`))).toThrow(BlockedAddress);
  });

  test.each(['8.8.8.8', '134744072', '[2606:4700::1111]', 'example.com'])('lets https://%s/ pass', (host) => {
    expect(guard.objection(new URL(`https://${host}/hook`))).toBeNull();
    expect(() => guard.check(new URL(`https://${host}/hook`))).not.toThrow();
  });

  test('judges an octal address by what will be connected to', () => {
    const url = new URL('https://010.0.0.1/');
    expect([url.hostname, guard.objection(url)]).toEqual(['8.0.0.1', null]);
  });

  test('blocks user names, passwords and every scheme but https', () => {
    const urls = [
      'https://me@example.com',
      'https://:pw@example.com',
      'http://example.com',
      'http://8.8.8.8',
    ];
    for (const url of [...urls, 'ftp://example.com', 'file:///etc/passwd', 'data:,x']) {
      expect(() => guard.check(new URL(url)), url).toThrow(BlockedAddress);
    }
  });

  test('says nothing of path, query or password in its reason', () => {
    const url = new URL('https://user:hunter2@10.0.0.1/secret-path?token=abc');
    expect(() => guard.check(url)).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching(/hunter2|secret-path|abc/) }),
    );
  });

  test('lets plain http reach listed addresses, and only those', () => {
    const listing = createAddressGuard(['10.1.0.0/16']);
    expect(listing.objection(new URL('http://10.1.2.3'))).toBeNull();
    expect(listing.objection(new URL('http://[::ffff:10.1.2.3]'))).toBeNull();
    expect(listing.objection(new URL('http://8.8.8.8'))).not.toBeNull();
    expect(listing.objection(new URL('http://10.2.0.1'))).not.toBeNull();
  });
});

describe('the address guard on an address', () => {
  const guard = createAddressGuard(['10.1.0.0/16', '192.168.7.7', 'fd00:1::/32', '64:ff9b::/96']);

  test('permits what is public or listed', () => {
    const addresses = [
      '10.1.255.255',
      '::ffff:10.1.0.1',
      '192.168.7.7',
      'fd00:1::5',
      '64:ff9b::1',
      '8.8.8.8',
    ];
    expect(addresses.filter((address) => !guard.permits(address))).toEqual([]);
    expect(addresses.filter((address) => !guard.isListed(address))).toEqual(['8.8.8.8']);
  });

  test('permits nothing beside a listed block', () => {
    const addresses = [
      '10.0.255.255',
      '10.2.0.0',
      '192.168.7.8',
      'fd00:2::',
      '::1',
      '::10.1.0.1',
      '::',
      'fe80::1%eth0',
    ];
    expect(addresses.filter(guard.permits)).toEqual([]);
  });

  test('reads ::10.1.0.1 as what it is, and not as the IPv4 address in it', () => {
    expect(createAddressGuard(['::10.1.0.0/112']).isListed('::a01:1')).toBe(true);
    expect(createAddressGuard(['::10.1.0.0/112']).isListed('10.1.0.1')).toBe(false);
  });

  test.each([
    '',
    '10.1.0.0/33',
    '::/129',
    '10.1',
    '10.1.0.0/x',
    '10.1.0.0/',
    '::ffff:10.0.0.0/104',
    'fe80::1%eth0',
  ])('is not made from a list with %j in it', (block) => {
    expect(() => createAddressGuard(['10.2.0.0/16', block])).toThrow(RangeError);
  });

  test('does not take a block of one family for the other', () => {
    const all = createAddressGuard(['::/0']);
    expect(all.isListed('10.0.0.1')).toBe(false);
    expect(all.isListed('::ffff:10.0.0.1')).toBe(false);
    expect(createAddressGuard(['0.0.0.0/0']).isListed('::1')).toBe(false);
  });
});

describe('the address guard on a name', () => {
  test('gives back exactly the addresses that it judged, each with its family', async () => {
    const guard = createAddressGuard([], resolving('8.8.8.8', '2606:4700::1111'));
    await expect(lookupAll(guard, 'example.com')).resolves.toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
  });

  test.each([
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '8.8.8.8'],
    ['8.8.8.8', '::1'],
    ['2606:4700::1111', '169.254.169.254'],
    ['8.8.8.8', '::ffff:169.254.169.254'],
    ['8.8.8.8', 'fe80::1%eth0'],
    ['8.8.8.8', 'not an address'],
  ])('blocks a name that leads to %s and %s', async (...addresses) => {
    const guard = createAddressGuard([], resolving(...addresses));
    await expect(lookupAll(guard, 'mixed.example')).rejects.toThrow(BlockedAddress);
  });

  test('blocks an inside address of the family that was not asked for', async () => {
    const guard = createAddressGuard([], resolving('8.8.8.8', '::1'));
    const asked = promisify<string, object, unknown>(guard.lookup)('mixed.example', { family: 4, all: true });
    await expect(asked).rejects.toThrow(BlockedAddress);
  });

  test('answers a question for one address, and for one family', async () => {
    const guard = createAddressGuard([], resolving('8.8.8.8', '2606:4700::1111'));
    const ask = (options: object) =>
      new Promise((done) => {
        guard.lookup('example.com', options, (...answer) => done(answer));
      });
    await expect(ask({})).resolves.toEqual([null, '8.8.8.8', 4]);
    await expect(ask({ family: 6 })).resolves.toEqual([null, '2606:4700::1111', 6]);
    await expect(ask({ family: 'IPv6', all: true })).resolves.toEqual([
      null,
      [{ address: '2606:4700::1111', family: 6 }],
    ]);
  });

  test('passes on that a name is not known, and takes no address for an unknown name', async () => {
    const failing = createAddressGuard([], async () => {
      throw Object.assign(new Error('gone'), { code: 'EAI_AGAIN' });
    });
    await expect(lookupAll(failing, 'example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    await expect(lookupAll(createAddressGuard([], resolving()), 'a.example')).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  test('leads plain http to listed addresses only', async () => {
    const ask = (...addresses: string[]) => {
      const guard = createAddressGuard(['10.1.0.0/16'], resolving(...addresses));
      return promisify<string, object, unknown>(guard.lookupListed)('inside.example', { all: true });
    };
    await expect(ask('10.1.0.1')).resolves.toEqual([{ address: '10.1.0.1', family: 4 }]);
    await expect(ask('8.8.8.8')).rejects.toThrow(BlockedAddress);
    await expect(ask('10.1.0.1', '8.8.8.8')).rejects.toThrow(BlockedAddress);
  });

  test('asks the system where nothing else is given, and blocks what it calls localhost', async () => {
    const guard = createAddressGuard([]);
    await expect(lookupAll(guard, 'localhost')).rejects.toThrow(BlockedAddress);
  });
});
