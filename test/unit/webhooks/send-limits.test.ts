import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../support/http-receiver.ts';
import { testMessage, testSender } from '../../support/webhook-sending.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step();
});

async function receiver(answer: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const made = await startReceiver(answer);
  cleanup.push(made.close);
  return made;
}

function sender(...args: Parameters<typeof testSender>) {
  const made = testSender(...args);
  cleanup.push(made.close);
  return made;
}

function to(hook: Receiver, path = '/') {
  return testMessage(`http://127.0.0.1:${hook.port}${path}`);
}

describe('a receiver that answers too much', () => {
  test('is cut off, and all that was accepted counts as delivered', async () => {
    const chunk = Buffer.alloc(16 * 1024, 'x');
    let written = 0;
    const hook = await receiver(async (_, response) => {
      response.on('error', () => undefined);
      while (!response.destroyed) {
        written += chunk.length;
        if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
    });
    const result = await sender().send(to(hook));
    expect(result).toEqual({
      ok: true,
      status: 200,
      latencyMs: expect.any(Number),
      answer: 'x'.repeat(1024),
    });
    await hook.allClosed();
    // What the buffers of the system took on the way is not known; without a limit this test does not end.
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  test('is read no further than the limit, though it goes on', async () => {
    const hook = await receiver((_, response) => {
      response.writeHead(200, { 'content-length': '10000' }).write('y'.repeat(5_000));
    });
    const timeoutMs = 400;
    const enough = await sender(undefined, { timeoutMs, maxResponseBytes: 5_000 }).send(to(hook));
    const wanting = await sender(undefined, { timeoutMs, maxResponseBytes: 5_001 }).send(to(hook));
    expect(enough.latencyMs).toBeLessThan(timeoutMs - 100);
    expect(wanting.latencyMs).toBeGreaterThanOrEqual(timeoutMs - 5);
    await hook.allClosed();
  });

  test('has its compressed answer left as it is', async () => {
    const bomb = gzipSync(Buffer.alloc(1024 * 1024, 'z'));
    const hook = await receiver((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    const result = await sender().send(to(hook));
    expect(result.ok).toBe(true);
    expect(result.answer).not.toContain('zz');
    expect(hook.requests[0]?.headers).not.toHaveProperty('accept-encoding');
  });

  test('has 1 KiB of its answer kept, without a broken character or a NUL', async () => {
    const answers: Record<string, string | Buffer> = {
      '/short': 'a\0b',
      '/cut': `${'a'.repeat(1023)}é and more`,
      '/odd': Buffer.from([0x61, 0xff, 0x62]),
    };
    const hook = await receiver((request, response) => void response.end(answers[request.url ?? '']));
    const reading = sender();
    const kept = async (path: string) => (await reading.send(to(hook, path))).answer;
    expect(await kept('/short')).toBe('a\ufffdb');
    expect(await kept('/cut')).toBe('a'.repeat(1023));
    expect(await kept('/odd')).toBe('a\ufffdb');
  });
});

describe('a receiver that takes too long', () => {
  const timeoutMs = 150;

  test('before its headers has the attempt time out and the connection closed', async () => {
    const hook = await receiver(() => undefined);
    const result = await sender(undefined, { timeoutMs }).send(to(hook));
    expect(result).toMatchObject({ ok: false, status: null, error: 'timeout', gone: false });
    expect(result.latencyMs).toBeGreaterThanOrEqual(timeoutMs - 5);
    expect(result.latencyMs).toBeLessThan(timeoutMs * 5);
    await hook.allClosed();
  });

  test('over its headers, a byte at a time, has the attempt time out', async () => {
    const hook = await receiver(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      const drip = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const result = await sender(undefined, { timeoutMs }).send(to(hook));
    expect(result).toMatchObject({ ok: false, status: null, error: 'timeout' });
    expect(result.latencyMs).toBeLessThan(timeoutMs * 5);
    await hook.allClosed();
  });

  test('over its body, a byte at a time, is cut off in time and keeps its status', async () => {
    const hook = await receiver((request, response) => {
      response.writeHead(request.url === '/fine' ? 200 : 500);
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(drip));
    });
    const dripping = sender(undefined, { timeoutMs });
    const fine = await dripping.send(to(hook, '/fine'));
    const failed = await dripping.send(to(hook, '/failed'));
    expect(fine).toMatchObject({ ok: true, status: 200, answer: expect.stringMatching(/^x+$/) });
    expect(failed).toMatchObject({ ok: false, status: 500, error: 'http_status' });
    expect(Math.max(fine.latencyMs, failed.latencyMs)).toBeLessThan(timeoutMs * 5);
    await hook.allClosed();
  });

  test('with nothing but interim answers has the attempt time out', async () => {
    const hook = await receiver(({ socket }) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), 10);
      socket.on('close', () => clearInterval(drip));
    });
    const result = await sender(undefined, { timeoutMs }).send(to(hook));
    expect(result).toMatchObject({ ok: false, status: null, error: 'timeout' });
    await hook.allClosed();
  });

  test('to be connected to has the waiting messages time out, and they are not sent later', async () => {
    const hook = await receiver((_, response) => void response.end());
    const { promise: found, resolve: find } = Promise.withResolvers<{ address: string }[]>();
    const narrow = sender(() => found, { timeoutMs, connectionsPerOrigin: 1 });
    const named = (path: string) => testMessage(`http://hook.example:${hook.port}${path}`);
    const [first, second] = await Promise.all([narrow.send(named('/1')), narrow.send(named('/2'))]);
    find([{ address: '127.0.0.1' }]);
    const third = await narrow.send(named('/3'));
    expect([first, second]).toMatchObject([{ error: 'timeout' }, { error: 'timeout' }]);
    expect(third).toMatchObject({ ok: true });
    expect(hook.requests.map(({ path }) => path)).toEqual(['/3']);
  });

  test('does not hold up messages to another', async () => {
    const slow = await receiver(() => undefined);
    const quick = await receiver((_, response) => void response.end());
    const shared = sender(undefined, { timeoutMs: 2_000, connectionsPerOrigin: 1 });
    const waiting = Promise.all([1, 2, 3, 4, 5].map(() => shared.send(to(slow))));
    const result = await shared.send(to(quick));
    expect(result).toMatchObject({ ok: true });
    expect(result.latencyMs).toBeLessThan(1_500);
    await slow.close();
    await waiting;
  });
});
