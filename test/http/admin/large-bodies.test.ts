/** Imports are in memory whole, so only few are taken at once: one of a tenant, two in all. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ACME, type Acme, startAcme } from '../../support/acme.ts';
import { RawConnection } from '../../support/raw-http.ts';

let acme: Acme;
const stalled: RawConnection[] = [];

beforeEach(async () => {
  acme = await startAcme();
  await acme.service({ slug: 's' });
});
afterEach(async () => {
  for (const each of stalled.splice(0)) each.destroy();
  await acme.vault.stop();
});

const pathOf = (tenant: string) => `/admin/v1${tenant}/services/s/keys/import`;

async function send(tenant: string, bytes: number) {
  const { status, headers, body } = await acme.vault.request(pathOf(tenant), {
    method: 'POST',
    headers: { authorization: `Bearer ${acme.vault.rootToken}`, 'content-type': 'text/csv' },
    body: 'label,key\n'.padEnd(bytes, '\n'),
  });
  return { status, wait: headers.get('retry-after'), detail: body.detail };
}
const sendLarge = (tenant: string) => send(tenant, 300_000);

/** Sends the beginning of an import and leaves it at that; resolves once it has its place. */
function stall(tenant: string, fields: string): Promise<RawConnection> {
  return vi.waitFor(async () => {
    const connection = await begin(tenant, fields);
    await pause(200);
    if ((await sendLarge(tenant)).status === 429) return connection;
    connection.destroy();
    throw new Error('it has no place');
  }, 10_000);
}

async function begin(tenant: string, fields: string): Promise<RawConnection> {
  const connection = await RawConnection.open(acme.vault.url);
  stalled.push(connection);
  const head = [
    `POST ${pathOf(tenant)} HTTP/1.1`,
    'Host: vault',
    `Authorization: Bearer ${acme.vault.rootToken}`,
    'Content-Type: text/csv',
    fields,
  ];
  connection.send(`${head.join('\r\n')}\r\n\r\n`);
  return connection;
}

const RIVAL = '/tenants/rival';
const THIRD = '/tenants/third';

it.each([
  'Content-Length: 1000000',
  'Content-Encoding: gzip\r\nContent-Length: 1000',
  'Transfer-Encoding: chunked',
])(
  'a second one of a tenant is told to wait while one comes (%j); small ones and those of others are taken',
  async (fields) => {
    const first = await stall(ACME, fields);
    expect(await sendLarge(ACME)).toEqual({
      status: 429,
      wait: '10',
      detail: 'A large body is being taken for this tenant: wait until that is over.',
    });
    expect(await send(ACME, 10_000)).toMatchObject({ status: 200 });
    expect(await sendLarge(RIVAL)).toMatchObject({ status: 404 });
    first.destroy();
    await vi.waitFor(async () => expect(await sendLarge(ACME)).toMatchObject({ status: 200 }));
    expect(await sendLarge(ACME)).toMatchObject({ status: 200 });
  },
);

it('a third one is told to wait, whoever sends it', async () => {
  await stall(ACME, 'Content-Length: 1000000');
  await stall(RIVAL, 'Content-Length: 1000000');
  expect(await sendLarge(THIRD)).toMatchObject({ status: 429, wait: '10' });
  expect(await send(THIRD, 10_000)).toMatchObject({ status: 404 });
});

it('one that is too large leaves its place', async () => {
  expect(await send(ACME, 64 * 1024 * 1024 + 1)).toMatchObject({ status: 413 });
  expect(await sendLarge(ACME)).toMatchObject({ status: 200 });
});
