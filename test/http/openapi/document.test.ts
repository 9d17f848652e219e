/** The OpenAPI document has every route and nothing else, and is served to whoever asks. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../src/domain/roles.ts';
import { ROUTES } from '../../../src/http/admin/routes.ts';
import { OPERATIONS, openApiText } from '../../support/openapi-document.ts';
import { startVault, type TestVault } from '../../support/start-vault.ts';

const AROUND = ['/api/next', '/api/next.php', '/healthz', '/readyz', '/metrics'];

let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
});

afterAll(() => vault.stop());

const pathOf = (path: string) => `/admin/v1${path.replaceAll(/:([a-z]+)/g, '{$1}')}`;

it('has each route, and nothing that is no route', () => {
  const routes = ROUTES.map(({ method, path }) => `${method} ${pathOf(path)}`);
  const expected = [...routes, ...AROUND.map((path) => `GET ${path}`), 'POST /api/report'];
  const what = 'add the operation to a file of src/http/openapi/operations, then run npm run openapi';
  expect(OPERATIONS.map(({ name }) => name).toSorted(), what).toEqual(expected.toSorted());
});

it('says of each route who may', () => {
  for (const { method, path, permission } of ROUTES) {
    const found = OPERATIONS.find(({ name }) => name === `${method} ${pathOf(path)}`);
    expect(found?.['x-roles'], `${method} ${path}`).toEqual(PERMISSIONS[permission].roles);
  }
});

it('has a name of its own for each operation', () => {
  const ids = OPERATIONS.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

it('is served to whoever asks, without a token', async () => {
  const { status, headers, text } = await vault.request('/openapi.json');
  expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(text).toBe(openApiText);
  const other = await vault.request('/openapi.json', { method: 'POST' });
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});
