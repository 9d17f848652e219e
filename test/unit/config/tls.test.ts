import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../src/config/config.ts';
import { selfSignedCertificate } from '../../support/self-signed-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyrotator-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { cert, key } = selfSignedCertificate('vault.test');
const other = selfSignedCertificate('other.test');
const NO_CERTIFICATE =
  'KEYROTATOR_TLS_CERT must be a certificate in PEM, whole, and after it nothing but those that vouch for it';
const NO_KEY = 'KEYROTATOR_TLS_KEY must be a private key in PEM, without a passphrase';
const NO_PAIR =
  "KEYROTATOR_TLS_KEY is not the key of the first certificate in KEYROTATOR_TLS_CERT: the server's own goes first";

function fileWith(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function mistakesIn(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).not.toMatch(/BEGIN|hunter2/);
    const [, ...lines] = (error as Error).message.split('\n');
    return lines.map((line) => line.replace('  - ', ''));
  }
}

const given = (cert: string, key: string) => ({ KEYROTATOR_TLS_CERT: cert, KEYROTATOR_TLS_KEY: key });

describe('a certificate and its key', () => {
  it('are taken as they are, with those that vouch for the certificate behind it', () => {
    const chain = cert + other.cert;
    expect(readConfig(given(chain, key)).tls).toEqual({ cert: chain, key, files: { cert: null, key: null } });
  });

  it('are taken from files, or one of them is', () => {
    const files = { cert: fileWith('cert.pem', cert), key: fileWith('key.pem', key) };
    const env = { KEYROTATOR_TLS_CERT_FILE: files.cert, KEYROTATOR_TLS_KEY_FILE: files.key };
    expect(readConfig(env).tls).toEqual({ cert: cert.trimEnd(), key: key.trimEnd(), files });
    const mixed = { KEYROTATOR_TLS_CERT: cert, KEYROTATOR_TLS_KEY_FILE: files.key };
    expect(readConfig(mixed).tls?.files).toEqual({ cert: null, key: files.key });
  });

  it('are taken from one file that has both', () => {
    const both = fileWith('both.pem', cert + key);
    expect(mistakesIn({ KEYROTATOR_TLS_CERT_FILE: both, KEYROTATOR_TLS_KEY_FILE: both })).toEqual([]);
  });

  it('are given both or neither', () => {
    expect(mistakesIn({ KEYROTATOR_TLS_CERT: cert })).toEqual([
      'KEYROTATOR_TLS_KEY must be given with KEYROTATOR_TLS_CERT: https takes both',
    ]);
    expect(mistakesIn({ KEYROTATOR_TLS_KEY: key })).toEqual([
      'KEYROTATOR_TLS_CERT must be given with KEYROTATOR_TLS_KEY: https takes both',
    ]);
  });

  it('in files that are empty or missing are a mistake, and not plain HTTP', () => {
    const empty = fileWith('empty.pem', '\n');
    const missing = join(folder, 'missing');
    expect(mistakesIn({ KEYROTATOR_TLS_CERT_FILE: empty, KEYROTATOR_TLS_KEY_FILE: empty })).toEqual([
      'KEYROTATOR_TLS_CERT is empty: give it a value, or unset it',
      'KEYROTATOR_TLS_KEY is empty: give it a value, or unset it',
    ]);
    expect(mistakesIn({ KEYROTATOR_TLS_CERT_FILE: missing, KEYROTATOR_TLS_KEY: key })).toEqual([
      'KEYROTATOR_TLS_CERT_FILE cannot be read (ENOENT)',
    ]);
    expect(mistakesIn({ KEYROTATOR_TLS_KEY_FILE: missing })).toEqual([
      'KEYROTATOR_TLS_KEY_FILE cannot be read (ENOENT)',
    ]);
  });

  const locked = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  it.each([
    ['of another certificate', cert, other.key, [NO_PAIR]],
    ['of a certificate that is not the first', other.cert + cert, key, [NO_PAIR]],
    ["in each other's place", key, cert, [NO_CERTIFICATE, NO_KEY]],
    ['where the certificate is cut off', cert.slice(0, 200), key, [NO_CERTIFICATE]],
    ['where a certificate behind it is cut off', cert + other.cert.slice(0, 200), key, [NO_CERTIFICATE]],
    ['where the key is cut off', cert, key.slice(0, 100), [NO_KEY]],
    ['where the key has a passphrase', cert, locked, [NO_KEY]],
    ['where the key is a public one', cert, cert, [NO_KEY]],
    ['that are no PEM', 'hunter2', 'hunter2', [NO_CERTIFICATE, NO_KEY]],
  ])('are refused %s', (_, cert, key, expected) => {
    expect(mistakesIn(given(cert, key))).toEqual(expected);
  });

  it('are told of with every other mistake', () => {
    expect(mistakesIn({ PORT: 'x', ...given(cert, other.key) })).toEqual([
      'PORT must be a whole number from 0 to 65535',
      NO_PAIR,
    ]);
  });
});
