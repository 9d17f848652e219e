import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { SealBroken, type SealPlace } from '../../../src/vault/envelope.ts';
import { DataKeyUnavailable, Keyring } from '../../../src/vault/keyring.ts';

const PLACE: SealPlace = { purpose: 'provider-key', tenantId: 4, id: 9 };
const SECRET = Buffer.from('sk-canary-key-of-a-provider');

describe('the data keys of a tenant', () => {
  it('open what they sealed, and the newest of them seals', () => {
    const keyring = new Keyring(randomBytes(32));
    const first = new Map([[1, keyring.newDataKey(4, 1)]]);
    const old = keyring.seal(first, PLACE, SECRET);
    const both = new Map([...first, [2, keyring.newDataKey(4, 2)] as const]);
    const fresh = keyring.seal(both, PLACE, SECRET);
    expect([old.readUInt32BE(1), fresh.readUInt32BE(1)]).toEqual([1, 2]);
    for (const envelope of [old, fresh])
      expect(keyring.open(both, PLACE, envelope).equals(SECRET)).toBe(true);
    expect(() => keyring.open(first, PLACE, fresh)).toThrow(SealBroken);
  });

  it('open in another process that has the same master key', () => {
    const master = randomBytes(32);
    const one = new Keyring(Buffer.from(master));
    const keys = new Map([[1, one.newDataKey(4, 1)]]);
    const envelope = one.seal(keys, PLACE, SECRET);
    expect(new Keyring(Buffer.from(master)).open(keys, PLACE, envelope).equals(SECRET)).toBe(true);
  });

  it('are another key for each tenant and version', () => {
    const keyring = new Keyring(randomBytes(32));
    const mine = new Map([[1, keyring.newDataKey(4, 1)]]);
    const other = new Map([[1, keyring.newDataKey(5, 1)]]);
    const envelope = keyring.seal(mine, PLACE, SECRET);
    expect(() => keyring.open(other, { ...PLACE, tenantId: 5 }, envelope)).toThrow(SealBroken);
    const renamed = Buffer.from(envelope);
    renamed.writeUInt32BE(2, 1);
    expect(() => keyring.open(new Map([...mine, [2, keyring.newDataKey(4, 2)]]), PLACE, renamed)).toThrow(
      SealBroken,
    );
  });

  it('that were wrapped under another master key are unavailable, and condemn no envelope', () => {
    const keys = new Map([[1, new Keyring(randomBytes(32)).newDataKey(4, 1)]]);
    const keyring = new Keyring(randomBytes(32));
    const own = new Map([[1, keyring.newDataKey(4, 1)]]);
    expect(() => keyring.seal(keys, PLACE, SECRET)).toThrow(DataKeyUnavailable);
    const sealed = keyring.seal(own, PLACE, SECRET);
    keyring.forget(4);
    expect(() => keyring.open(keys, PLACE, sealed)).toThrow(DataKeyUnavailable);
    expect(keyring.open(own, PLACE, sealed).equals(SECRET)).toBe(true);
  });

  it('that were moved to another tenant or version are unavailable', () => {
    const keyring = new Keyring(randomBytes(32));
    const wrapped = keyring.newDataKey(4, 1);
    expect(() => keyring.seal(new Map([[1, wrapped]]), { ...PLACE, tenantId: 5 }, SECRET)).toThrow(
      DataKeyUnavailable,
    );
    expect(() => keyring.seal(new Map([[2, wrapped]]), PLACE, SECRET)).toThrow(DataKeyUnavailable);
  });

  it('that a tenant does not have seal nothing', () => {
    expect(() => new Keyring(randomBytes(32)).seal(new Map(), PLACE, SECRET)).toThrow(DataKeyUnavailable);
  });

  it('are gone from memory once they are forgotten, and those of the others are not', () => {
    const keyring = new Keyring(randomBytes(32));
    const keys = new Map([[1, keyring.newDataKey(4, 1)]]);
    const others = new Map([[1, keyring.newDataKey(44, 1)]]);
    const elsewhere: SealPlace = { ...PLACE, tenantId: 44 };
    const envelope = keyring.seal(keys, PLACE, SECRET);
    const other = keyring.seal(others, elsewhere, SECRET);
    const destroyed = new Map([[1, new Uint8Array(0)]]);
    expect(keyring.open(destroyed, PLACE, envelope).equals(SECRET)).toBe(true);
    keyring.forget(4);
    expect(() => keyring.open(destroyed, PLACE, envelope)).toThrow(DataKeyUnavailable);
    expect(keyring.open(destroyed, elsewhere, other).equals(SECRET)).toBe(true);
  });

  it('are never told of in an error', () => {
    const keyring = new Keyring(randomBytes(32));
    const wrapped = new Keyring(randomBytes(32)).newDataKey(4, 1);
    try {
      keyring.seal(new Map([[1, wrapped]]), PLACE, SECRET);
      expect.unreachable();
    } catch (error) {
      const everything = JSON.stringify(error, Object.getOwnPropertyNames(error));
      expect(everything).toContain('data key 1 of tenant 4 cannot be unwrapped');
      expect(everything).not.toContain('canary');
    }
  });
});

describe("the vault's own secrets", () => {
  it('open under the same master key, for the purpose that they were sealed for, and not otherwise', () => {
    const master = randomBytes(32);
    const keyring = new Keyring(Buffer.from(master));
    const envelope = keyring.sealOwn('token-pepper', SECRET);
    expect(new Keyring(Buffer.from(master)).openOwn('token-pepper', envelope).equals(SECRET)).toBe(true);
    expect(() => keyring.openOwn('master-key-check', envelope)).toThrow(SealBroken);
    expect(() => new Keyring(randomBytes(32)).openOwn('token-pepper', envelope)).toThrow(SealBroken);
  });

  it('leave no copy of the master key with the caller', () => {
    const master = randomBytes(32);
    expect(new Keyring(master)).toBeInstanceOf(Keyring);
    expect(master.equals(Buffer.alloc(32))).toBe(true);
  });
});

describe('opening a secret as text, again and again', () => {
  const place = { purpose: 'provider-key', tenantId: 7, id: 3 } as const;

  it('gives the same text each time, while what was opened is wiped in between', async () => {
    vi.useFakeTimers();
    try {
      const keyring = new Keyring(randomBytes(32));
      const dataKeys = new Map([[1, keyring.newDataKey(7, 1)]]);
      const envelope = keyring.seal(dataKeys, place, Buffer.from('sk-ünïcode'));
      for (let second = 0; second < 3; second++) {
        expect(keyring.openText(dataKeys, place, envelope)).toBe('sk-ünïcode');
        expect(keyring.openText(dataKeys, place, envelope)).toBe('sk-ünïcode');
        await vi.advanceTimersByTimeAsync(1_500);
      }
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not open at another place what is open at its own', () => {
    const keyring = new Keyring(randomBytes(32));
    const dataKeys = new Map([[1, keyring.newDataKey(7, 1)]]);
    const envelope = keyring.seal(dataKeys, place, Buffer.from('sk-secret'));
    expect(keyring.openText(dataKeys, place, envelope)).toBe('sk-secret');
    expect(() => keyring.openText(dataKeys, { ...place, id: 4 }, envelope)).toThrow(SealBroken);
  });
});
