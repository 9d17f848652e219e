import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { MAX_WAITING } from '../../../src/http/in-turns.ts';
import { createHttpServer } from '../../../src/http/server.ts';
import { call, openFurnishedVault } from '../../support/furnish.ts';
import { getKey, RawConnection } from '../../support/raw-http.ts';
import type { TestVault } from '../../support/start-vault.ts';
import { testedCertificate } from '../../support/tested-tls.ts';

async function ordinals(vault: TestVault): Promise<number[]> {
  const rows = await vault.engine.read
    .selectFrom('deliveries')
    .select('usage_today')
    .orderBy('seq')
    .execute();
  return rows.map(({ usage_today }) => usage_today);
}

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

describe('a connection', () => {
  it('may send the next request before the answer to the last: they are answered in order', async () => {
    const { vault, token } = await openFurnishedVault({ service: { max_daily_requests: 18 } });
    const connection = await RawConnection.open(vault.url);
    connection.send(
      getKey('openai', token).repeat(10) + getKey('unknown', token) + getKey('openai', token).repeat(10),
    );
    const said: unknown[] = [];
    for (let at = 0; at < 21; at++) {
      const { body } = await connection.receive();
      said.push(body.meta?.usage_today ?? body.error);
    }
    connection.destroy();
    const full = 'service daily limit reached';
    expect(said).toEqual([...upTo(10), 'unknown service', 11, 12, 13, 14, 15, 16, 17, 18, full, full]);
  });

  it('has one request after the other carried out, so that no other waits for all of them', async () => {
    const { vault, token } = await openFurnishedVault();
    const connection = await RawConnection.open(vault.url);
    connection.send(getKey('openai', token).repeat(MAX_WAITING));
    expect((await connection.receive()).body.meta.usage_today).toBe(1);
    const other = await vault.next('service=openai', { token });
    expect(other.body.meta.usage_today).toBeLessThan(MAX_WAITING / 2);
    for (let at = 1; at < MAX_WAITING; at++) expect((await connection.receive()).status).toBe(200);
    connection.destroy();
  });

  it('that has more than a hundred requests waiting is closed, and none of them is carried out', async () => {
    const { vault, token } = await openFurnishedVault();
    const connection = await RawConnection.open(vault.url);
    connection.send(getKey('openai', token).repeat(MAX_WAITING + 2));
    await connection.closed;
    const { body } = await vault.next('service=openai', { token });
    expect(body.meta.usage_today, 'the first was under way').toBeLessThanOrEqual(2);
  });

  it('whose client goes away has nothing more carried out of what it sent', async () => {
    const { vault, token } = await openFurnishedVault();
    const connection = await RawConnection.open(vault.url);
    connection.send(getKey('openai', token).repeat(MAX_WAITING));
    await connection.receive();
    connection.destroy();
    const { body } = await vault.next('service=openai', { token });
    expect(body.meta.usage_today).toBeLessThan(MAX_WAITING / 2);
    expect((await vault.next('service=openai', { token })).body.meta.usage_today).toBe(
      body.meta.usage_today + 1,
    );
  });

  it('that sends a byte a second is told so within 12 seconds, and closed', { timeout: 20_000 }, async () => {
    const { vault } = await openFurnishedVault();
    const connection = await RawConnection.open(vault.url);
    const startedAt = performance.now();
    connection.send('GET /api/next?service=openai HTTP/1.1\r\nHost: a\r\nX: ');
    const drip = setInterval(() => connection.send('y'), 1_000);
    const response = await connection.receive();
    clearInterval(drip);
    await connection.closed;
    expect(performance.now() - startedAt).toBeLessThan(12_500);
    expect([response.status, response.body.error]).toEqual([408, 'invalid request']);
    expect(response.field('cache-control')).toBe('no-store');
    expect(response.field('x-content-type-options')).toBe('nosniff');
    expect(response.field('x-request-id')).toBe(response.body.request_id);
  });

  it('that was refused is let go of, though the client keeps its own side open', async () => {
    const server = createHttpServer(testedCertificate);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const scheme = testedCertificate === null ? 'http' : 'https';
    const connection = await RawConnection.open(`${scheme}://127.0.0.1:${port}`, { halfOpen: true });
    connection.send('no HTTP\r\n\r\n');
    expect((await connection.receive()).status).toBe(400);
    const open = () => new Promise<number>((done) => server.getConnections((_error, count) => done(count)));
    await vi.waitFor(async () => expect(await open()).toBe(0), { timeout: 5_000, interval: 50 });
    connection.destroy();
    await new Promise<unknown>((done) => server.close(done));
  });
});

describe('a client that goes away', () => {
  it('before its delivery is committed costs at most that delivery: the ordinals stay dense', async () => {
    const { vault, token } = await openFurnishedVault();
    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(upTo(40).map(() => RawConnection.open(vault.url)));
      const staying = clients.filter((_client, at) => at % 4 === 0);
      for (const client of clients) client.send(getKey('openai', token));
      for (const client of clients) if (!staying.includes(client)) client.destroy();
      const answers = await Promise.all(staying.map((client) => client.receive()));
      expect(answers.map(({ status }) => status)).toEqual(staying.map(() => 200));
      for (const client of staying) client.destroy();
    }
    const last = (await vault.next('service=openai', { token })).body.meta.usage_today;
    const recorded = await ordinals(vault);
    expect(recorded).toEqual(upTo(last));
    expect(last).toBeGreaterThan(50);
    expect((await call(vault, 'GET', '/tenants/acme/services/openai')).usage_today).toBe(last);
  });

  it('after its delivery is committed has been counted, and the next client gets the next ordinal', async () => {
    const { vault, token } = await openFurnishedVault();
    for (const ordinal of [1, 3, 5]) {
      const client = await RawConnection.open(vault.url);
      client.send(getKey('openai', token));
      await vi.waitFor(async () => expect(await ordinals(vault)).toHaveLength(ordinal), { interval: 5 });
      client.destroy();
      const { body } = await vault.next('service=openai', { token });
      expect(body.meta.usage_today).toBe(ordinal + 1);
    }
    expect(await ordinals(vault)).toEqual(upTo(6));
  });

  it('in the middle of its request leaves nothing behind', async () => {
    const { vault, token } = await openFurnishedVault();
    for (const part of [0.2, 0.5, 0.9]) {
      const request = getKey('openai', token);
      const client = await RawConnection.open(vault.url);
      client.send(request.slice(0, Math.floor(request.length * part)));
      client.destroy();
    }
    expect((await vault.next('service=openai', { token })).body.meta.usage_today).toBe(1);
  });
});
