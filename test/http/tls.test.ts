/** https by the service itself: which certificate it serves, renewals under way, and what it says of them. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls, { type ConnectionOptions } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { addTenant, openVault } from '../support/furnish.ts';
import { get, RawConnection } from '../support/raw-http.ts';
import { selfSignedCertificate, type Validity } from '../support/self-signed-certificate.ts';
import type { TestVault } from '../support/start-vault.ts';
import { NO_CERTIFICATE, trust } from '../support/tested-tls.ts';

const DAY_MS = 86_400_000;
let folder: string;
let logLines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyrotator-tls-'));
  logLines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A certificate that this process trusts. */
function certificate(validity?: Validity) {
  const made = selfSignedCertificate('127.0.0.1', validity);
  trust(made.cert);
  return made;
}

function writePair({ cert, key }: { cert: string; key: string }, into = folder): void {
  writeFileSync(join(into, 'cert.pem'), cert);
  writeFileSync(join(into, 'key.pem'), key);
}

function startWithFiles(path = folder): Promise<TestVault> {
  const env = {
    ...NO_CERTIFICATE,
    KEYROTATOR_TLS_CERT_FILE: join(path, 'cert.pem'),
    KEYROTATOR_TLS_KEY_FILE: join(path, 'key.pem'),
  };
  return openVault({ env, logLines });
}

/** A handshake with the vault: the certificate that it shows, in PEM, or the code of the error. */
async function shown(vault: TestVault, options: ConnectionOptions = {}): Promise<string> {
  const { hostname, port } = new URL(vault.url);
  const socket = tls.connect({ host: hostname, port: Number(port), ...options });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.toString() ?? '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  } finally {
    socket.destroy();
  }
}

const look = (vault: TestVault) => vault.jobs.certificate?.look();
const logged = (pattern: RegExp) =>
  logLines.map((line) => JSON.parse(line)).filter(({ msg }) => pattern.test(msg));

describe('with a certificate', () => {
  it('the service speaks https, and has browsers insist on it for its own name', async () => {
    writePair(certificate());
    const vault = await startWithFiles();
    expect(vault.url).toMatch(/^https:/);
    const { status, headers } = await vault.request('/healthz');
    expect(status).toBe(200);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
    const token = await addTenant(vault, 'acme');
    expect((await vault.next('service=none', { token })).body.error).toBe('unknown service');
  });

  it('plain HTTP gets no answer', async () => {
    writePair(certificate());
    const vault = await startWithFiles();
    const connection = await RawConnection.open(vault.url.replace('https', 'http'));
    connection.send(get('/healthz'));
    await connection.closed;
    await expect(connection.receive()).rejects.toThrow('ended after 0 bytes');
  });

  it('TLS before 1.2 is refused whatever Node was told to allow, after a renewal too', async () => {
    const { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS } = tls;
    onTestFinished(() => void Object.assign(tls, { DEFAULT_MIN_VERSION, DEFAULT_CIPHERS }));
    Object.assign(tls, { DEFAULT_MIN_VERSION: 'TLSv1', DEFAULT_CIPHERS: 'DEFAULT@SECLEVEL=0' });
    const first = certificate();
    writePair(first);
    const vault = await startWithFiles();
    const old = { maxVersion: 'TLSv1.1' } as const;
    expect(await shown(vault, old)).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    expect(await shown(vault, { maxVersion: 'TLSv1.2' })).toBe(first.cert);
    writePair(certificate());
    await look(vault);
    expect(await shown(vault, old)).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('a client that speaks HTTP/2 alone is refused, and one that prefers it gets HTTP/1.1', async () => {
    const made = certificate();
    writePair(made);
    const vault = await startWithFiles();
    expect(await shown(vault, { ALPNProtocols: ['h2'] })).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
    expect(await shown(vault, { ALPNProtocols: ['h2', 'http/1.1'] })).toBe(made.cert);
  });

  it('a client in the middle of its handshake does not hold up the stop', async () => {
    writePair(certificate());
    const vault = await startWithFiles();
    const { hostname, port } = new URL(vault.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    const startedAt = performance.now();
    const closed = once(silent, 'close');
    await vault.service.stop();
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('a certificate in files', () => {
  it('is served from its renewal on, and connections from before go on', async () => {
    const [first, second] = [certificate(), certificate()];
    writePair(first);
    const vault = await startWithFiles();
    const before = await RawConnection.open(vault.url);
    expect((await before.send(get('/healthz')).receive()).status).toBe(200);
    expect(await shown(vault)).toBe(first.cert);
    writePair(second);
    await look(vault);
    expect(await shown(vault)).toBe(second.cert);
    expect((await before.send(get('/healthz')).receive()).status).toBe(200);
    before.destroy();
    expect(logged(/replaced/)).toMatchObject([{ level: 30, expires: '2049-12-31T23:59:59.000Z' }]);
  });

  it('may be renewed by a symbolic link that is pointed at another folder', async () => {
    const [first, second] = [certificate(), certificate()];
    for (const [name, pair] of Object.entries({ first, second })) {
      mkdirSync(join(folder, name));
      writePair(pair, join(folder, name));
    }
    symlinkSync('first', join(folder, '..data'));
    const vault = await startWithFiles(join(folder, '..data'));
    symlinkSync('second', join(folder, '..tmp'));
    renameSync(join(folder, '..tmp'), join(folder, '..data'));
    await look(vault);
    expect(await shown(vault)).toBe(second.cert);
  });

  it('that nothing has changed is left alone', async () => {
    writePair(certificate());
    const vault = await startWithFiles();
    for (let n = 0; n < 3; n++) await look(vault);
    expect(logged(/certificate/)).toEqual([]);
  });

  it('is not told of between the writing of its two files', async () => {
    const [first, second] = [certificate(), certificate()];
    writePair(first);
    const vault = await startWithFiles();
    writeFileSync(join(folder, 'cert.pem'), second.cert);
    await look(vault);
    expect(await shown(vault)).toBe(first.cert);
    writeFileSync(join(folder, 'key.pem'), second.key);
    await look(vault);
    expect(await shown(vault)).toBe(second.cert);
    expect(logged(/cannot be used/)).toEqual([]);
  });

  it.each([
    [
      'does not fit its key',
      () => writeFileSync(join(folder, 'cert.pem'), certificate().cert),
      'TLS_KEY is not the key',
    ],
    ['is broken', () => writeFileSync(join(folder, 'cert.pem'), 'no PEM'), 'TLS_CERT must be a certificate'],
    ['is empty', () => writeFileSync(join(folder, 'key.pem'), ''), 'TLS_KEY must be a private key'],
    ['is gone', () => unlinkSync(join(folder, 'key.pem')), 'TLS_KEY_FILE cannot be read (ENOENT)'],
  ])(
    'that %s after a renewal is told of once, and the old one is served until it is mended',
    async (_, spoil, told) => {
      const [first, second] = [certificate(), certificate()];
      writePair(first);
      const vault = await startWithFiles();
      spoil();
      for (let n = 0; n < 4; n++) await look(vault);
      expect(await shown(vault)).toBe(first.cert);
      expect(logged(/cannot be used: the old one is still served/)).toMatchObject([
        { level: 50, mistakes: [expect.stringContaining(told)] },
      ]);
      expect(logLines.join()).not.toContain('BEGIN');
      writePair(second);
      await look(vault);
      expect(await shown(vault)).toBe(second.cert);
    },
  );
});

describe('the end of a certificate', () => {
  const metric = async (vault: TestVault) =>
    /^keyrotator_tls_certificate_expires_timestamp_seconds (\S+)$/m.exec(
      (await vault.request('/metrics')).text,
    )?.[1];
  const START = '2026-03-01T12:00:00Z';

  it('is in the metrics, and there is no such metric without TLS', async () => {
    writePair(certificate({ from: '2026-01-01T00:00:00Z', to: '2045-06-01T00:00:00Z' }));
    const vault = await startWithFiles();
    expect(Number(await metric(vault))).toBe(Date.parse('2045-06-01T00:00:00Z') / 1000);
    writePair(certificate({ from: '2026-01-01T00:00:00Z', to: '2046-06-01T00:00:00Z' }));
    await look(vault);
    expect(Number(await metric(vault))).toBe(Date.parse('2046-06-01T00:00:00Z') / 1000);
    expect(await metric(await openVault({ env: NO_CERTIFICATE }))).toBe(undefined);
  });

  it('is told of once a day from 14 days before, and louder once it has come', async () => {
    writePair(certificate({ from: '2026-01-01T00:00:00Z', to: '2026-03-16T12:00:00Z' }));
    const vault = await startWithFiles();
    const tellings: number[] = [];
    for (let day = 0; day <= 16; day++) {
      for (let n = 0; n < 2; n++) await look(vault);
      tellings.push(logged(/the certificate (?:ends soon|has ended)/).length);
      vault.advance(DAY_MS);
    }
    expect(tellings).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(logged(/ends soon/)).toHaveLength(14);
    expect(logged(/has ended/)).toMatchObject([{ level: 50 }, { level: 50 }]);
  });

  it('is told of at the start, and no more once it is renewed', async () => {
    writePair(certificate({ from: '2026-01-01T00:00:00Z', to: '2026-03-05T00:00:00Z' }));
    const vault = await startWithFiles();
    expect(logged(/ends soon/)).toMatchObject([{ level: 40, expires: '2026-03-05T00:00:00.000Z' }]);
    writePair(certificate());
    await look(vault);
    vault.advance(2 * DAY_MS);
    await look(vault);
    expect(logged(/ends soon/)).toHaveLength(1);
  });

  it('is told of in the last third of a short life', async () => {
    const from = new Date(Date.parse(START) - 3 * DAY_MS).toISOString();
    writePair(certificate({ from, to: new Date(Date.parse(from) + 6 * DAY_MS).toISOString() }));
    const vault = await startWithFiles();
    expect(logged(/ends soon/)).toEqual([]);
    vault.advance(DAY_MS + 1);
    await look(vault);
    expect(logged(/ends soon/)).toHaveLength(1);
  });
});

describe('plain HTTP', () => {
  it.each([
    ['0.0.0.0', {}, 1],
    ['::', {}, 1],
    ['127.0.0.1', {}, 0],
    ['127.0.0.2', {}, 0],
    ['::1', {}, 0],
    ['::ffff:127.0.0.1', {}, 0],
    ['localhost', {}, 0],
    ['0.0.0.0', { KEYROTATOR_TRUSTED_PROXIES: '10.0.0.1' }, 0],
  ])('on %s with %j is warned of %i times', async (HOST, env, times) => {
    await openVault({ env: { ...NO_CERTIFICATE, HOST, ...env }, logLines });
    expect(logged(/plain HTTP: whoever is on the way can read/)).toHaveLength(times);
  });

  it('is not warned of with TLS', async () => {
    const { cert, key } = certificate();
    const env = { HOST: '0.0.0.0', KEYROTATOR_TLS_CERT: cert, KEYROTATOR_TLS_KEY: key };
    await openVault({ env, logLines });
    expect(logged(/plain HTTP/)).toEqual([]);
  });
});
