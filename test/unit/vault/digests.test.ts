import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { Digests, nameOfToken, sameDigest } from '../../../src/vault/digests.ts';

const TOKEN = 'krc_0123456789';

it('gives a token the same digest each time, and another one the other', () => {
  const pepper = randomBytes(32);
  const one = new Digests(Buffer.from(pepper));
  const again = new Digests(Buffer.from(pepper));
  expect(one.ofToken(TOKEN).equals(again.ofToken(TOKEN))).toBe(true);
  expect(one.ofToken(TOKEN).length).toBe(32);
  expect(one.ofToken(TOKEN).equals(one.ofToken(`${TOKEN}x`))).toBe(false);
});

it('gives no digest that could be computed without the pepper', () => {
  const one = new Digests(randomBytes(32));
  const other = new Digests(randomBytes(32));
  expect(one.ofToken(TOKEN).equals(other.ofToken(TOKEN))).toBe(false);
  expect(one.ofProviderKey(1, 'sk-1').equals(other.ofProviderKey(1, 'sk-1'))).toBe(false);
  expect(one.ofToken(TOKEN).equals(createHash('sha256').update(TOKEN).digest())).toBe(false);
});

it('names a token in memory without keeping it, each by another name', () => {
  expect(nameOfToken(TOKEN)).toBe(nameOfToken(TOKEN));
  expect(nameOfToken(TOKEN)).not.toBe(nameOfToken(`${TOKEN}x`));
  expect(nameOfToken(TOKEN)).not.toContain('0123456789');
});

it('recognises a provider key within its service and nowhere else', () => {
  const digests = new Digests(randomBytes(32));
  expect(digests.ofProviderKey(1, 'sk-1').equals(digests.ofProviderKey(1, 'sk-1'))).toBe(true);
  const others = [
    digests.ofProviderKey(2, 'sk-1'),
    digests.ofProviderKey(1, 'sk-2'),
    digests.ofToken('1\0sk-1'),
  ];
  for (const other of others) expect(digests.ofProviderKey(1, 'sk-1').equals(other)).toBe(false);
});

it('leaves no copy of the pepper with the caller', () => {
  const pepper = randomBytes(32);
  expect(new Digests(pepper)).toBeInstanceOf(Digests);
  expect(pepper.equals(Buffer.alloc(32))).toBe(true);
});

it('compares digests of any length', () => {
  const digest = randomBytes(32);
  expect(sameDigest(digest, Buffer.from(digest))).toBe(true);
  expect(sameDigest(digest, randomBytes(32))).toBe(false);
  expect(sameDigest(digest, digest.subarray(0, 31))).toBe(false);
});
