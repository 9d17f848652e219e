import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  open,
  SealBroken,
  type SealPlace,
  type SealPurpose,
  seal,
  sealedUnder,
} from '../../../src/vault/envelope.ts';

const PURPOSES: SealPurpose[] = [
  'master-key-check',
  'data-key',
  'token-pepper',
  'provider-key',
  'webhook-secret',
  'signing-secret',
];
const PLACE: SealPlace = { purpose: 'provider-key', tenantId: 12, id: 345 };
const SECRET = Buffer.from('sk-canary-0123456789-abcdefghijklmnop');

const newKey = () => createSecretKey(randomBytes(32));
const key = newKey();

const anyPlace = fc.record({
  purpose: fc.constantFrom(...PURPOSES),
  tenantId: fc.nat(),
  id: fc.nat(Number.MAX_SAFE_INTEGER),
});

/** The error that opening throws; the test fails where it opens. */
function failure(act: () => Buffer): Error {
  let opened: Buffer;
  try {
    opened = act();
  } catch (error) {
    return error as Error;
  }
  throw new Error(`opened, to ${opened.length} bytes`);
}

describe('sealing', () => {
  it('opens to the exact bytes, whatever they are, wherever they belong and whichever key version sealed them', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 5_000, size: 'max' }),
        anyPlace,
        fc.nat(2 ** 32 - 1),
        (bytes, place, version) => {
          const envelope = seal(key, version, place, bytes);
          expect(sealedUnder(envelope, place)).toBe(version);
          expect(open(key, place, envelope).equals(bytes)).toBe(true);
        },
      ),
    );
  });

  it('opens what is handed over as a view into a larger buffer', () => {
    const envelope = seal(key, 7, PLACE, SECRET);
    const larger = new Uint8Array(envelope.length + 20);
    larger.set(envelope, 13);
    expect(open(key, PLACE, larger.subarray(13, 13 + envelope.length)).equals(SECRET)).toBe(true);
  });

  it('lays the envelope out as it is documented', () => {
    const envelope = seal(key, 0x01020304, PLACE, SECRET);
    expect([...envelope.subarray(0, 5)]).toEqual([1, 1, 2, 3, 4]);
    expect(envelope.length).toBe(1 + 4 + 12 + 16 + SECRET.length);
    const cipher = createCipheriv('aes-256-gcm', key, envelope.subarray(5, 17));
    cipher.setAAD(Buffer.from('keyrotator/1/provider-key/12/345/16909060'));
    const ciphertext = Buffer.concat([cipher.update(SECRET), cipher.final()]);
    expect(envelope.subarray(33).equals(ciphertext)).toBe(true);
    expect(envelope.subarray(17, 33).equals(cipher.getAuthTag())).toBe(true);
  });

  it('never uses a nonce twice over 10,000 seals', () => {
    const nonces = new Set<string>();
    for (let turn = 0; turn < 10_000; turn++) {
      nonces.add(seal(key, 1, PLACE, SECRET).subarray(5, 17).toString('hex'));
    }
    expect(nonces.size).toBe(10_000);
  });
});

describe('an envelope that is not as it was sealed', () => {
  const envelope = seal(key, 3, PLACE, SECRET);

  it('does not open with any of its bits flipped', () => {
    for (let at = 0; at < envelope.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(envelope);
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        expect(failure(() => open(key, PLACE, flipped))).toBeInstanceOf(SealBroken);
      }
    }
  });

  it('does not open when it is cut off anywhere, at either end', () => {
    for (let length = 0; length < envelope.length; length++) {
      expect(failure(() => open(key, PLACE, envelope.subarray(0, length)))).toBeInstanceOf(SealBroken);
      expect(failure(() => open(key, PLACE, envelope.subarray(envelope.length - length)))).toBeInstanceOf(
        SealBroken,
      );
    }
  });

  it('does not open when bytes are added anywhere', () => {
    fc.assert(
      fc.property(fc.nat(envelope.length), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, more) => {
        const longer = Buffer.concat([envelope.subarray(0, at), more, envelope.subarray(at)]);
        expect(failure(() => open(key, PLACE, longer))).toBeInstanceOf(SealBroken);
      }),
    );
  });

  it('does not open under a tag that was shortened to 4 bytes', () => {
    const short = Buffer.concat([envelope.subarray(0, 21), envelope.subarray(33)]);
    expect(failure(() => open(key, PLACE, short))).toBeInstanceOf(SealBroken);
    const empty = seal(key, 3, PLACE, new Uint8Array(0));
    expect(failure(() => open(key, PLACE, empty.subarray(0, 21)))).toBeInstanceOf(SealBroken);
  });

  it('does not open with the nonce, tag or ciphertext of another envelope of the same place', () => {
    const other = seal(key, 3, PLACE, Buffer.from(SECRET).fill('x'));
    for (const [from, to] of [
      [5, 17],
      [17, 33],
      [33, envelope.length],
    ] as const) {
      const mixed = Buffer.from(envelope);
      other.copy(mixed, from, from, to);
      expect(failure(() => open(key, PLACE, mixed))).toBeInstanceOf(SealBroken);
    }
  });

  it('does not open for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), (bytes) => {
        expect(failure(() => open(key, PLACE, bytes))).toBeInstanceOf(SealBroken);
      }),
    );
  });
});

describe('an envelope in the wrong place', () => {
  it('opens in no place but its own', () => {
    fc.assert(
      fc.property(anyPlace, anyPlace, (place, other) => {
        fc.pre(place.purpose !== other.purpose || place.tenantId !== other.tenantId || place.id !== other.id);
        const envelope = seal(key, 1, place, SECRET);
        expect(failure(() => open(key, other, envelope))).toBeInstanceOf(SealBroken);
      }),
    );
  });

  it.each([
    ['another tenant', { ...PLACE, tenantId: 13 }],
    ['another purpose', { ...PLACE, purpose: 'webhook-secret' as const }],
    ['another id', { ...PLACE, id: 346 }],
    ['a place whose numbers run together the same', { ...PLACE, tenantId: 123, id: 45 }],
  ])('does not open in %s', (_, other) => {
    const envelope = seal(key, 1, PLACE, SECRET);
    expect(open(key, PLACE, envelope).equals(SECRET)).toBe(true);
    expect(failure(() => open(key, other, envelope))).toBeInstanceOf(SealBroken);
  });

  it('does not open as another version of the key, even where that version is the same key', () => {
    const envelope = seal(key, 1, PLACE, SECRET);
    envelope.writeUInt32BE(2, 1);
    expect(failure(() => open(key, PLACE, envelope))).toBeInstanceOf(SealBroken);
  });

  it('does not open under another key', () => {
    expect(failure(() => open(newKey(), PLACE, seal(key, 1, PLACE, SECRET)))).toBeInstanceOf(SealBroken);
  });
});

it('tells of what did not open by its place, and nothing of its content', () => {
  const envelope = seal(key, 1, PLACE, SECRET);
  envelope[40] = (envelope[40] as number) ^ 1;
  const error = failure(() => open(key, PLACE, envelope));
  expect(error.message).toBe('a sealed provider-key (tenant 12, id 345) does not open');
  const everything = JSON.stringify(error, Object.getOwnPropertyNames(error));
  expect(everything).not.toContain('canary');
  expect(everything).not.toContain(envelope.subarray(33).toString('hex'));
  expect(error.cause).toBeUndefined();
});
