/** What a query may hold: what the route takes and the document lists, and cursors of the list that gave them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedOperation, OPERATIONS, openApi } from '../../support/openapi-document.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';
import { seedAttempt } from '../../support/webhook-attempts.ts';

const ADMINISTRATION = OPERATIONS.filter(({ path }) => path.startsWith('/admin/v1'));
const PLACES: Readonly<Record<string, string>> = {
  tenant: 'acme',
  service: 'openai',
  group: 'llm',
  id: '1',
  delivery: '1',
};
const pathTo = (path: string) =>
  path.replace('/admin/v1', '').replaceAll(/\{(\w+)\}/g, (_, name: string) => PLACES[name] ?? '');

let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
  const make = async (path: string, body: object) => {
    const reply = await vault.admin('POST', path, body);
    expect(reply.status, reply.text).toBe(201);
    return reply.body;
  };
  await make('/tenants', { slug: 'rival' });
  const { client_token } = await make('/tenants', { slug: 'acme' });
  await make('/admin-tokens', { name: 'second root' });
  const tokens = [client_token];
  for (const at of [1, 2]) {
    for (const tenant of ['acme', 'rival']) {
      await make(`/tenants/${tenant}/services`, { slug: at === 1 ? 'openai' : 'mail' });
      await make(`/tenants/${tenant}/services/openai/keys`, {
        label: 'a',
        key: `sk-${at}-0123456789abcdef`,
      });
      tokens.push((await make(`/tenants/${tenant}/apps`, { name: 'a', services: 'all' })).app_token);
      await make(`/tenants/${tenant}/groups`, { slug: at === 1 ? 'llm' : 'other' });
      const hook = { url: 'https://example.com', events: ['*'] };
      const { id } = await make(`/tenants/${tenant}/webhooks`, hook);
      // Twice the first: the one whose log is listed.
      if (id === 1) for (const _ of [1, 2]) await seedAttempt(vault.jobs.vault, id);
      await make(`/tenants/${tenant}/emails`, { address: `person${at}@example.com`, events: ['*'] });
      await make(`/tenants/${tenant}/admin-tokens`, { name: 'a', role: 'viewer' });
    }
    await vault.next('service=openai', { token: tokens[at - 1] });
  }
});

afterAll(() => vault.stop());

/** The names of the parameters of the query, in the order of the document. */
function documented({ parameters }: DocumentedOperation): string[] {
  return (parameters ?? [])
    .map(({ $ref, ...own }) => openApi.components?.parameters?.[$ref?.split('/').at(-1) ?? ''] ?? own)
    .flatMap((each) => ('in' in each && 'name' in each && each.in === 'query' ? [String(each.name)] : []));
}

describe('a query parameter that is not known is refused, with those that are:', () => {
  it.each(ADMINISTRATION.map((operation) => [operation.operationId, operation] as const))(
    '%s',
    async (_id, operation) => {
      const body = operation.requestBody === undefined ? undefined : {};
      for (const query of ['statu=active', 'LIMIT=1', 'a=1&a=2', '=x', '__proto__=1', 'toString=1']) {
        const path = `${pathTo(operation.path)}?${query}`;
        const reply = await vault.admin(operation.method, path, body);
        expect([path, reply.status, reply.body.error]).toEqual([path, 400, 'invalid request']);
        const [, name, takes = ''] =
          /not known: "(.*)"\. This route takes (.*)\.$/.exec(reply.body.detail) ?? [];
        expect(name).toBe(query.split('=')[0]);
        const named = takes === 'no parameters' ? [] : takes.split(/, and |, | and /);
        expect(named.toSorted()).toEqual(documented(operation).toSorted());
      }
    },
  );

  it('and nothing has come of it', async () => {
    expect((await vault.admin('GET', '/tenants/acme')).status).toBe(200);
    const { body } = await vault.admin('GET', '/tenants/acme/services/openai/keys');
    expect(body.data).toHaveLength(2);
  });

  it('also where there are a thousand of them, of which it repeats little', async () => {
    const query = Array.from({ length: 1000 }, (_, at) => `parameter-${at}=1`)
      .join('&')
      .slice(0, 15_000);
    const { status, body } = await vault.admin('GET', `/tenants?${query}`);
    expect(status).toBe(400);
    expect(body.detail).toBe(
      'A query parameter is not known: "parameter-0", "parameter-1", "parameter-2", …. This route takes status, q, limit, and cursor.',
    );
  });
});

it('a query parameter that is there twice is refused', async () => {
  for (const [path, name] of ADMINISTRATION.flatMap((operation) =>
    operation.method === 'GET'
      ? documented(operation).map((name) => [pathTo(operation.path), name] as const)
      : [],
  )) {
    const reply = await vault.admin('GET', `${path}?${name}=1&${name}=1`);
    expect([path, name, reply.status, reply.body.error]).toEqual([path, name, 400, 'invalid request']);
  }
});

describe('a value that no parameter takes is refused', () => {
  it.each([
    'granularity=week',
    'group_by=ip',
    'from=now',
    'to=2026-03-01T25:00:00Z',
    'from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z',
    'from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z',
    'from=2026-03-01T12:50:00Z&to=2026-03-01T12:40:00Z',
    'granularity=hour&granularity=day',
    'service=No',
    'app=none',
    'key=0',
  ])('by usage: %s', async (query) => {
    const { status, body } = await vault.admin('GET', `/tenants/acme/usage?${query}`);
    expect([status, body.error]).toEqual([400, 'invalid request']);
  });

  it.each([
    'from=yesterday',
    'to=2026-03-01',
    'from=2026-03-01T12:00:00',
    'from=2026-02-30T00:00:00Z',
    'to=9999-12-31T23:59:59-01:00',
    'from=2026-03-01T12:00:00Z&from=2026-03-01T12:00:00Z',
    'app=0',
    'app=x',
    'key=1e3',
    'key=99999999999999999999',
    'limit=201',
    'limit=-1',
    'cursor=',
    'cursor=djE6MQ==',
    'cursor=djE6MQ&cursor=djE6MQ',
  ])('by deliveries: %s', async (query) => {
    const { status, body } = await vault.admin('GET', `/tenants/acme/services/openai/deliveries?${query}`);
    expect([status, body.error]).toEqual([400, 'invalid request']);
  });
});

it('each list takes a limit and a cursor, and nothing else does', () => {
  for (const operation of ADMINISTRATION) {
    const answer = JSON.stringify(operation.responses[200] ?? '');
    const isList = /#\/components\/schemas\/\w+List"/.test(answer);
    const taken = documented(operation).filter((name) => name === 'limit' || name === 'cursor');
    expect(taken, operation.name).toEqual(isList ? ['limit', 'cursor'] : []);
  }
});

describe('a cursor', () => {
  const lists = () =>
    ADMINISTRATION.filter((operation) => documented(operation).includes('cursor')).flatMap(({ path }) => {
      const own = pathTo(path);
      // What has an id is of one tenant.
      return path.includes('{tenant}') && !path.includes('{id}')
        ? [own, own.replace('/acme', '/rival')]
        : [own];
    });

  async function cursorOf(path: string): Promise<string | null> {
    return (await vault.admin('GET', `${path}?limit=1`)).body.next_cursor;
  }

  it('is good for the list that gave it, and for no other', async () => {
    const cursors = new Map<string, string>();
    for (const path of lists()) {
      const cursor = await cursorOf(path);
      if (cursor !== null) cursors.set(path, cursor);
    }
    const untried = lists().filter((path) => !cursors.has(path));
    // The rival has had no delivery.
    expect(untried).toEqual(['/tenants/rival/services/openai/deliveries']);
    for (const [from, cursor] of cursors) {
      for (const path of lists()) {
        const { status, body } = await vault.admin('GET', `${path}?limit=1&cursor=${cursor}`);
        expect([from, path, status]).toEqual([from, path, from === path ? 200 : 400]);
        if (from !== path) expect(body.detail).toMatch(/none that this list has returned: leave it out/);
      }
    }
  });

  it('stays good when the list is narrowed otherwise', async () => {
    const cursor = await cursorOf('/tenants/acme/apps');
    const reply = await vault.admin('GET', `/tenants/acme/apps?status=active&cursor=${cursor}`);
    expect([reply.status, reply.body.data.length]).toEqual([200, 1]);
  });

  it('that was changed is refused', async () => {
    const cursor = String(await cursorOf('/tenants/acme/apps'));
    const text = Buffer.from(cursor, 'base64url').toString('latin1');
    const made = (changed: string) => Buffer.from(changed).toString('base64url');
    for (const wrong of [
      `${cursor}==`,
      `${cursor}A`,
      cursor.slice(0, -1),
      made(text.replace(/\d+$/, '0$&')),
      made(text.replace(/\d+$/, '-1')),
      made(text.replace(/\d+$/, '9999999999999999')),
      made('v1:1'),
      '',
    ]) {
      const { status, body } = await vault.admin('GET', `/tenants/acme/apps?cursor=${wrong}`);
      expect([wrong, status, body.error]).toEqual([wrong, 400, 'invalid request']);
    }
  });
});
