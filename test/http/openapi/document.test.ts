/** The OpenAPI document: it has every route and nothing else, and the committed one is that of the code. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../src/domain/roles.ts';
import { ROUTES } from '../../../src/http/admin/routes.ts';
import { type OpenApiDocument, openApiDocument } from '../../../src/http/openapi/document.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const AROUND = ['/api/next', '/api/next.php', '/healthz', '/readyz', '/metrics'];
const file = readFileSync(new URL('../../../src/http/openapi/openapi.json', import.meta.url), 'utf8');
const committed: OpenApiDocument = JSON.parse(file);

let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
});

afterAll(() => vault.stop());

function operations() {
  return Object.entries(committed.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
}

const pathOf = (path: string) => `/admin/v1${path.replaceAll(/:([a-z]+)/g, '{$1}')}`;

it('is that of the code', () => {
  expect(file === `${JSON.stringify(openApiDocument(), null, 2)}\n`, 'run npm run openapi').toBe(true);
});

it('has each route, and nothing that is no route', () => {
  const routes = ROUTES.map(({ method, path }) => `${method} ${pathOf(path)}`);
  const expected = [...routes, ...AROUND.map((path) => `GET ${path}`)];
  const what = 'add the operation to a file of src/http/openapi/operations, then run npm run openapi';
  expect(
    operations()
      .map(({ name }) => name)
      .toSorted(),
    what,
  ).toEqual(expected.toSorted());
});

it('says of each route who may', () => {
  for (const { method, path, permission } of ROUTES) {
    const found = operations().find(({ name }) => name === `${method} ${pathOf(path)}`);
    expect(found?.operation['x-roles'], `${method} ${path}`).toEqual(PERMISSIONS[permission].roles);
  }
});

it('has a name of its own for each operation', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

it('is served to whoever asks, without a token', async () => {
  const { status, headers, text } = await vault.request('/openapi.json');
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).toBe(file);
  const other = await vault.request('/openapi.json', { method: 'POST' });
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});
