import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createHttpServer } from '../../src/http/server.ts';

it('a service that is still waiting for its database is alive, and not ready', async () => {
  const server = createHttpServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = async (path: string) => {
    const response = await fetch(at + path);
    return [response.status, await response.json()];
  };
  expect(await answer('/healthz')).toEqual([200, { status: 'alive' }]);
  expect(await answer('/readyz?verbose')).toEqual([503, { status: 'not ready', why: 'starting' }]);
  for (const path of ['/api/next?service=openai', '/admin/v1/tenants', '/healthz/']) {
    expect(await answer(path)).toEqual([503, expect.objectContaining({ error: 'storage unavailable' })]);
  }
});
