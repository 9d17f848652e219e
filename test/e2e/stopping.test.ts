/** SIGTERM while clients are being served: whoever had begun to ask is answered, and the program ends well. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { administer, type RunningService, runService } from '../support/run-service.ts';

const CALLERS = 64;
let folder: string;
let service: RunningService;
let token: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyrotator-stopping-'));
  service = await runService({ cwd: folder, env: { LOG_LEVEL: 'error' } });
  ({ client_token: token } = await administer(service, 'POST', '/tenants', { slug: 'acme' }));
  await administer(service, 'POST', '/tenants/acme/services', { slug: 'openai' });
  await administer(service, 'POST', '/tenants/acme/services/openai/keys', {
    label: 'One',
    key: 'sk-stopping-0123456789',
  });
});

afterEach(async () => {
  await service.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** A connection that stays open, on which one request at a time is asked. */
class Caller {
  readonly #socket: Socket;
  #received = '';

  constructor(url: URL) {
    this.#socket = connect(Number(url.port), url.hostname).setNoDelay(true).setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      this.#received += text;
    });
    // What was lost is told by what was not received.
    this.#socket.on('error', () => undefined);
  }

  /** Hands a request to the kernel before it returns, once the connection is there; resolves with the status line. */
  ask(): Promise<string> {
    this.#received = '';
    this.#socket.write(
      `GET /api/next?service=openai HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    return new Promise((resolve) => {
      const look = () => {
        if (!this.#socket.destroyed && !this.#received.endsWith('}}')) return;
        this.#socket.off('data', look).off('close', look);
        resolve(this.#received.split('\r\n')[0] ?? '');
      };
      this.#socket.on('data', look).on('close', look);
    });
  }
}

test('under load every request that was sent before is answered, and the exit code is 0', async () => {
  const callers = Array.from({ length: CALLERS }, () => new Caller(new URL(service.url)));
  for (let round = 0; round < 10; round++) await Promise.all(callers.map((caller) => caller.ask()));
  const answers = callers.map((caller) => caller.ask());
  const code = service.end('SIGTERM');
  expect(await Promise.all(answers)).toEqual(Array(CALLERS).fill('HTTP/1.1 200 OK'));
  expect(await code).toBe(0);
});

test('a request of which half has come is waited for', async () => {
  const body = JSON.stringify({ slug: 'late' });
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  const head = [
    'POST /admin/v1/tenants HTTP/1.1',
    `Host: ${hostname}`,
    `Authorization: Bearer ${service.rootToken}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    '\r\n',
  ];
  socket.write(head.join('\r\n'));
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  await once(socket, 'data');
  expect(received).toContain('100 Continue');
  const code = service.end('SIGTERM');
  await refused(service.url);
  socket.write(body);
  await once(socket, 'end');
  expect(received).toContain('HTTP/1.1 201 Created');
  expect(received).toContain('"slug":"late"');
  expect(await code).toBe(0);
});

test('a replica that is given time serves on, while it says that it is stopping', async () => {
  const other = await runService({
    cwd: mkdtempSync(join(folder, 'other-')),
    env: { LOG_LEVEL: 'error', KEYROTATOR_DRAIN_SECONDS: '1' },
  });
  const started = performance.now();
  const code = other.end('SIGTERM');
  const readiness = async () => (await fetch(`${other.url}/readyz`)).text();
  await expect.poll(readiness, { interval: 20 }).toBe('{"status":"not ready","why":"draining"}');
  // On connections of their own, as a load balancer that has not noticed yet would make them.
  for (let turn = 0; turn < 3; turn++) {
    const { status } = await fetch(`${other.url}/admin/v1/whoami`, {
      headers: { authorization: `Bearer ${other.rootToken}`, connection: 'close' },
    });
    expect(status).toBe(200);
  }
  expect(await code).toBe(0);
  expect(performance.now() - started).toBeGreaterThan(1_000);
});

test('whoever stops it from a terminal does not wait for that', async () => {
  const other = await runService({
    cwd: mkdtempSync(join(folder, 'other-')),
    env: { LOG_LEVEL: 'error', KEYROTATOR_DRAIN_SECONDS: '300' },
  });
  expect(await other.end('SIGINT')).toBe(0);
});

/** Resolves when nobody listens there any more. */
async function refused(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  for (;;) {
    const socket = connect(Number(port), hostname);
    try {
      await once(socket, 'connect');
    } catch {
      return;
    } finally {
      socket.destroy();
    }
  }
}
