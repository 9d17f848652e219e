/** The real program with a certificate in files: what certbot and cert-manager do to them while it runs. */
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runShell } from '../support/run-command.ts';
import { type RunningService, runService } from '../support/run-service.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

let folder: string;
const running: RunningService[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyrotator-tls-'));
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** As a renewal does it: each file is written beside the old one and renamed. */
function writePair({ cert, key }: { cert: string; key: string }): void {
  for (const [name, content] of Object.entries({ 'cert.pem': cert, 'key.pem': key })) {
    writeFileSync(join(folder, `${name}.new`), content);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  }
}

async function start(env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const files = {
    KEYROTATOR_TLS_CERT_FILE: join(folder, 'cert.pem'),
    KEYROTATOR_TLS_KEY_FILE: join(folder, 'key.pem'),
  };
  const service = await runService({ cwd: folder, env: { ...files, ...env } });
  running.push(service);
  return service;
}

/** The certificate that a client is shown, in PEM. */
async function shown({ url }: RunningService): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const pem = socket.getPeerX509Certificate()?.toString();
  socket.destroy();
  return pem;
}

test('a renewed certificate is served within seconds, without a restart, and SIGTERM still ends well', async () => {
  const [first, second] = [selfSignedCertificate('127.0.0.1'), selfSignedCertificate('127.0.0.1')];
  writePair(first);
  const service = await start();
  expect(await shown(service)).toBe(first.cert);
  writePair(second);
  await vi.waitFor(async () => expect(await shown(service)).toBe(second.cert), {
    timeout: 15_000,
    interval: 100,
  });
  expect(service.output.stderr).toContain('the certificate was replaced');
  expect(service.output.stderr).not.toContain('cannot be used');
  expect(await service.end('SIGTERM')).toBe(0);
});

test('a certificate that does not fit its key keeps it from starting, with the code of a mistake in the configuration', async () => {
  writePair({ ...selfSignedCertificate('127.0.0.1'), cert: selfSignedCertificate('127.0.0.1').cert });
  await expect(start()).rejects.toThrow(
    /ended with 78: .*The configuration has a mistake:\n {2}- KEYROTATOR_TLS_KEY is not the key of the first certificate/s,
  );
});

test('the curl line of the demo works, whatever name the certificate is for', async () => {
  writePair(selfSignedCertificate('vault.example.com'));
  const service = await start({ KEYROTATOR_DEMO: 'true' });
  const line = /^curl .*$/m.exec(service.output.stdout)?.[0] ?? '';
  const { stdout } = await runShell(line, { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({ service: 'openai', masked: true });
});
