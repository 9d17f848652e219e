import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { Problem } from '../../../src/domain/problem.ts';
import { FilesUnderWay } from '../../../src/http/admin/files-under-way.ts';
import { get, RawConnection } from '../../support/raw-http.ts';

const PATIENCE_MS = 1_500;
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Serves a file whose parts `parts` gives, at once to four readers of one tenant; `seen` counts requests, and those that are over. */
async function serving(parts: () => AsyncIterable<string | Uint8Array>) {
  const files = new FilesUnderWay(PATIENCE_MS);
  const seen = { begun: 0, ended: 0, errors: [] as unknown[] };
  const app = express();
  app.get('/', (_request, response, next) => {
    seen.begun++;
    files
      .send('acme', response, { type: 'text/plain', name: 'a.txt', parts: parts() })
      .finally(() => seen.ended++)
      .catch(next);
  });
  app.use(((error, _request, response, _next) => {
    seen.errors.push(error);
    if (response.headersSent) response.destroy();
    else response.status(error instanceof Problem ? 429 : 500).json({});
  }) satisfies express.ErrorRequestHandler);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

async function* endless() {
  for (;;) yield 'x'.repeat(100_000);
}

/** A connection that asks for the file and, until it is resumed, reads nothing. */
async function deafReader(url: string) {
  const reader = await RawConnection.open(url, { paused: true });
  open.push(() => reader.destroy());
  return reader.send(get('/'));
}

describe('a file under way', () => {
  it('is not read where only its header is asked for', async () => {
    let read = 0;
    const { url, seen } = await serving(async function* () {
      for (; read < 1_000; read++) yield 'x';
    });
    const { status, headers } = await fetch(url, { method: 'HEAD' });
    expect([status, headers.get('content-disposition')]).toEqual([200, 'attachment; filename="a.txt"']);
    await expect.poll(() => seen.ended).toBe(1);
    expect(read).toBe(0);
  });

  it('is broken off where its reader takes nothing, and its place is free again', async () => {
    const { url, seen } = await serving(endless);
    const readers = await Promise.all(Array.from({ length: 4 }, () => deafReader(url)));
    await expect.poll(() => seen.begun, { timeout: 10_000 }).toBe(4);
    expect((await fetch(url)).status).toBe(429);
    await expect.poll(() => seen.ended, { timeout: 10_000 }).toBe(5);
    for (const reader of readers) await reader.resume().closed;
    const next = await fetch(url);
    expect(next.status).toBe(200);
    await next.body?.cancel();
    expect(seen.errors.every((error) => error instanceof Problem)).toBe(true);
  });

  it('comes whole where it is long in coming, and nothing is sent meanwhile', async () => {
    const { url, seen } = await serving(async function* () {
      yield 'begin ';
      for (const until = performance.now() + 1.3 * PATIENCE_MS; performance.now() < until; await pause(20))
        yield '';
      await pause(1.3 * PATIENCE_MS);
      yield 'end';
    });
    expect(await (await fetch(url)).text()).toBe('begin end');
    expect(seen.errors).toEqual([]);
  });

  it('comes whole to a reader that takes a little at a time, whatever a part is long', async () => {
    const part = '🔑é'.repeat(2_000_000);
    const { url } = await serving(async function* () {
      yield part;
    });
    const chunks: Uint8Array[] = [];
    let until = performance.now();
    for await (const chunk of (await fetch(url)).body ?? []) {
      chunks.push(chunk);
      // At most half a megabyte each tenth of its patience.
      until += (chunk.length / 500_000) * (PATIENCE_MS / 10);
      if (until > performance.now()) await pause(until - performance.now());
    }
    expect(Buffer.concat(chunks).equals(Buffer.from(part))).toBe(true);
  });

  it('that nobody waits for any more is over without an error, and read no further', async () => {
    let reading = true;
    const { url, seen } = await serving(async function* () {
      try {
        for (;;) {
          yield '';
          await pause(5);
        }
      } finally {
        reading = false;
      }
    });
    const gone = new AbortController();
    await fetch(url, { signal: gone.signal });
    gone.abort();
    await expect.poll(() => [seen.ended, reading], { timeout: 10_000 }).toEqual([1, false]);
    expect(seen.errors).toEqual([]);
  });

  it('that cannot be read is an error where nothing was sent, and ends short where something was', async () => {
    const failing = (parts: string[]) =>
      serving(async function* () {
        yield* parts;
        throw new Error('the disk');
      });
    const before = await fetch((await failing([])).url);
    expect([before.status, before.headers.get('content-disposition')]).toEqual([500, null]);
    const after = async () => (await fetch((await failing(['begin'])).url)).text();
    await expect(after()).rejects.toThrow();
  });
});
