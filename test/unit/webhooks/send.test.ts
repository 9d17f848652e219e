import type { Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { newWebhookSecret } from '../../../src/webhooks/sign.ts';
import { type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { testMessage, testSecret, testSender } from '../../support/webhook-sending.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function receiver(...args: Parameters<typeof startReceiver>): Promise<Receiver> {
  const made = await startReceiver(...args);
  cleanup.push(made.close);
  return made;
}

function sender(...args: Parameters<typeof testSender>) {
  const made = testSender(...args);
  cleanup.push(made.close);
  return made;
}

/** A receiver that gives one status, with headers. */
function answering(status: number, headers: Record<string, string> = {}, body = '') {
  return receiver((_, response) => void response.writeHead(status, headers).end(body));
}

describe('a webhook message', () => {
  test('arrives as one signed POST of exactly the body given', async () => {
    const hook = await answering(204);
    const other = newWebhookSecret(new Uint8Array(32).fill(9));
    const body = '{"type":"key.rotated","data":{"label":"Schlüssel 🔑"}}';
    const message = testMessage(`http://127.0.0.1:${hook.port}/a%20b?team=1#x`, {
      body,
      secrets: [testSecret, other],
    });
    const result = await sender().send(message);

    expect(result).toEqual({ ok: true, status: 204, latencyMs: expect.any(Number), answer: '' });
    expect(Number.isSafeInteger(result.latencyMs) && result.latencyMs >= 0).toBe(true);
    expect(hook.requests).toHaveLength(1);
    const [request] = hook.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/a%20b?team=1', body });
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${hook.port}`,
      'content-type': 'application/json',
      'user-agent': 'KeyRotator/1.2.3',
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(message.timestamp),
    });
    for (const secret of [testSecret, other]) {
      expect(new Webhook(secret).verify(body, request?.headers as Record<string, string>)).toEqual(
        JSON.parse(body),
      );
    }
  });

  test.each([200, 201, 202, 204, 299])('is delivered where the receiver says %d', async (status) => {
    const hook = await answering(status);
    const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect(result).toMatchObject({ ok: true, status });
  });

  test.each([
    [400, false],
    [404, false],
    [410, true],
    [429, false],
    [500, false],
    [503, false],
  ])(
    'is not delivered where the receiver says %d, and the receiver being gone is %s',
    async (status, gone) => {
      const hook = await answering(status, {}, 'no');
      const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
      expect(result).toMatchObject({ ok: false, status, error: 'http_status', gone, answer: 'no' });
    },
  );

  test.each([301, 302, 303, 307, 308])('does not follow a %d to anywhere', async (status) => {
    const inside = await answering(200);
    const hook = await answering(status, { location: `http://127.0.0.1:${inside.port}/latest/meta-data/` });
    const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect(result).toMatchObject({ ok: false, status, error: 'http_status', gone: false });
    expect([hook.requests.length, inside.connections()]).toEqual([1, 0]);
  });

  test('does not follow a redirect to a metadata address', async () => {
    const hook = await answering(302, { location: 'http://169.254.169.254/latest/meta-data/' });
    const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect(result).toMatchObject({ ok: false, status: 302, error: 'http_status' });
  });

  test('goes past the proxies named in the environment', async () => {
    const proxy = await answering(200);
    const hook = await answering(200);
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY']) {
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    }
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect([result.ok, hook.requests.length, proxy.connections()]).toEqual([true, 1, 0]);
  });

  test('uses a connection again once its answer is read', async () => {
    const hook = await answering(200, {}, 'thanks');
    const reusing = sender(undefined, { connectionsPerOrigin: 1 });
    await reusing.send(testMessage(`http://127.0.0.1:${hook.port}/`));
    await reusing.send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect([hook.requests.length, hook.connections()]).toEqual([2, 1]);
  });

  test('that cannot be signed is rejected and not sent', async () => {
    const hook = await answering(200);
    const message = testMessage(`http://127.0.0.1:${hook.port}/`, { secrets: [] });
    await expect(sender().send(message)).rejects.toThrow(RangeError);
    expect(hook.connections()).toBe(0);
  });
});

describe('a failed attempt', () => {
  test.each([
    [
      'the connection reset before an answer',
      'connection_lost',
      (socket: Socket) => socket.resetAndDestroy(),
    ],
    ['the connection closed before an answer', 'connection_lost', (socket: Socket) => socket.end()],
    [
      'an answer that is not HTTP',
      'invalid_response',
      (socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'),
    ],
    [
      'headers without end',
      'invalid_response',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(64 * 1024)}`),
    ],
  ])('is told of as such: %s', async (_, error, act) => {
    const hook = await receiver((request) => void act(request.socket));
    const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect(result).toEqual({
      ok: false,
      status: null,
      error,
      latencyMs: expect.any(Number),
      gone: false,
      answer: null,
    });
  });

  test('is told of as such: nobody listens', async () => {
    const hook = await startReceiver(() => undefined);
    await hook.close();
    const result = await sender().send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect(result).toMatchObject({ ok: false, status: null, error: 'connect_failed' });
  });

  test('is told of as such: a URL that is none', async () => {
    const result = await sender().send(testMessage('http://[fe80::1%25eth0]/'));
    expect(result).toMatchObject({ ok: false, status: null, error: 'invalid_url' });
  });

  test('carries neither a secret nor the URL', async () => {
    const hook = await answering(500);
    for (const url of [
      `http://127.0.0.1:${hook.port}/x?token=canary`,
      'https://10.0.0.1/x?token=canary',
      'x?token=canary',
    ]) {
      const result = JSON.stringify(await sender().send(testMessage(url)));
      expect(result).not.toMatch(/canary|whsec_|127\.0|10\.0/);
    }
  });
});

describe('a closed sender', () => {
  test('lets a running attempt end, leaves no connection open and sends nothing more', async () => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<() => void>();
    const hook = await receiver((_, response) => arrive(() => response.end('done')));
    const closing = testSender();
    const running = closing.send(testMessage(`http://127.0.0.1:${hook.port}/`));
    const answer = await arrived;
    const closed = closing.close();
    answer();
    await expect(running).resolves.toMatchObject({ ok: true, answer: 'done' });
    await closed;
    await hook.allClosed();
    const late = await closing.send(testMessage(`http://127.0.0.1:${hook.port}/`));
    expect(late).toMatchObject({ ok: false, error: 'closed' });
    expect(hook.connections()).toBe(1);
  });

  test('waits no longer than an attempt may take', async () => {
    const hook = await receiver(() => undefined);
    const closing = testSender(undefined, { timeoutMs: 100 });
    const running = closing.send(testMessage(`http://127.0.0.1:${hook.port}/`));
    await closing.close();
    await expect(running).resolves.toMatchObject({ ok: false, error: 'timeout' });
    await hook.allClosed();
  });
});
