import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatToken, parseTokenKind, type TokenKind, tokenHint } from '../../../src/domain/token-format.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIXES: [TokenKind, string][] = [
  ['client', 'krc_'],
  ['app', 'kra_'],
  ['admin', 'krr_'],
];

const kinds = fc.constantFrom<TokenKind>('client', 'app', 'admin');
const randomBytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const tokens = fc.tuple(kinds, randomBytes).map(([kind, random]) => formatToken(kind, random));

function readBase62(digits: string): bigint {
  return [...digits].reduce((value, digit) => value * 62n + BigInt(BASE62.indexOf(digit)), 0n);
}

function withChecksum(body: string): string {
  let checksum = '';
  for (let rest = crc32(body); checksum.length < 6; rest = Math.floor(rest / 62)) {
    checksum = BASE62[rest % 62] + checksum;
  }
  return body + checksum;
}

function randomOf(token: string): Uint8Array {
  const hex = readBase62(token.slice(4, 47)).toString(16).padStart(64, '0');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

describe('a new token', () => {
  test.each(PREFIXES)('of kind %s begins with %s and has 49 base62 digits', (kind, prefix) => {
    const token = formatToken(kind, new Uint8Array(32).fill(0xa5));
    expect(token).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{49}$`));
  });

  test('keeps all of its 256 random bits', () => {
    fc.assert(
      fc.property(kinds, randomBytes, (kind, random) => {
        expect(randomOf(formatToken(kind, random))).toEqual(random);
      }),
    );
    const most = new Uint8Array(32).fill(0xff);
    expect(randomOf(formatToken('app', most))).toEqual(most);
  });

  test('ends with the CRC-32 of everything before it', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        expect(readBase62(token.slice(47))).toBe(BigInt(crc32(token.slice(0, 47))));
      }),
    );
  });

  test.each([0, 16, 31, 33])('is not made of %i bytes', (length) => {
    expect(() => formatToken('client', new Uint8Array(length))).toThrow(RangeError);
  });
});

describe('reading a token', () => {
  test('gives back the kind it was made for', () => {
    fc.assert(
      fc.property(kinds, randomBytes, (kind, random) => {
        expect(parseTokenKind(formatToken(kind, random))).toBe(kind);
      }),
    );
  });

  test('refuses every change of a single character to any other digit', () => {
    const token = formatToken(
      'app',
      Uint8Array.from({ length: 32 }, (_, i) => (i * 37) & 0xff),
    );
    const accepted: string[] = [];
    for (let i = 0; i < token.length; i++) {
      for (const digit of `${BASE62}_-`) {
        const changed = token.slice(0, i) + digit + token.slice(i + 1);
        if (changed !== token && parseTokenKind(changed) !== null) accepted.push(changed);
      }
    }
    expect(accepted).toEqual([]);
  });

  test('refuses any change of a single character, whatever the token and the character', () => {
    fc.assert(
      fc.property(tokens, fc.nat(52), fc.string({ unit: 'binary', maxLength: 2 }), (token, at, other) => {
        fc.pre(other !== token[at]);
        expect(parseTokenKind(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
      }),
    );
  });

  test('refuses a token that was cut, lengthened, or given the prefix of another kind', () => {
    const token = formatToken('client', new Uint8Array(32));
    for (const other of [
      token.slice(0, -1),
      `${token}0`,
      ` ${token}`,
      `${token}\n`,
      `krr${token.slice(3)}`,
    ]) {
      expect(parseTokenKind(other)).toBeNull();
    }
  });

  test('refuses a right checksum over anything but a prefix of ours and 43 base62 digits', () => {
    expect(parseTokenKind(withChecksum(`kra_${'0'.repeat(43)}`))).toBe('app');
    for (const body of [`ghp_${'0'.repeat(43)}`, `kra-${'0'.repeat(43)}`, `kra_${'0'.repeat(42)}`]) {
      expect(parseTokenKind(withChecksum(body))).toBeNull();
    }
    for (const character of "-_' \0%\x7f") {
      expect(parseTokenKind(withChecksum(`kra_${'0'.repeat(42)}${character}`))).toBeNull();
    }
  });

  test('refuses a character beyond ASCII whose low bits are those of the right one', () => {
    const token = formatToken('app', new Uint8Array(32).fill(7));
    for (let i = 0; i < token.length; i++) {
      const twin = String.fromCharCode(token.charCodeAt(i) + 0x100);
      expect(parseTokenKind(token.slice(0, i) + twin + token.slice(i + 1))).toBeNull();
    }
  });

  test('never throws, and takes no random text for a token', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary', minLength: 53, maxLength: 53 })),
        (text) => {
          expect(parseTokenKind(text)).toBeNull();
          expect(parseTokenKind(`kra_${text.slice(4)}`)).toBeNull();
        },
      ),
    );
  });
});

describe('the hint of a token', () => {
  test('is its prefix and four characters of its random part', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        expect(tokenHint(token)).toBe(token.slice(0, 8));
      }),
    );
  });

  test.each(['', 'sk-proj-0123456789', 'kra_', `kra_${'0'.repeat(49)}`])('shows nothing of %j', (text) => {
    expect(tokenHint(text)).toBe('');
  });
});
