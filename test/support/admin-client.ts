/** A client of the administration that knows, by the OpenAPI document, what each path takes and answers. */
import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './openapi-types.ts';
import type { TestVault } from './start-vault.ts';

export type AdminClient = Client<paths>;

/** With the root token unless another is given. Each answer is held against the document, as those of `vault.request`. */
export function adminClient(vault: TestVault, token: string = vault.rootToken): AdminClient {
  return createClient<paths>({
    baseUrl: vault.url,
    headers: { authorization: `Bearer ${token}` },
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      const reply = await vault.request(pathname + search, {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        ...(body === '' ? {} : { body }),
      });
      const headers = Object.fromEntries(reply.headers);
      return new Response(reply.text === '' ? null : reply.text, { status: reply.status, headers });
    },
  });
}

/** What a call answered that has to succeed. */
export async function dataOf<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (data === undefined) throw new Error(`${response.status} ${response.url}: ${JSON.stringify(error)}`);
  return data;
}
