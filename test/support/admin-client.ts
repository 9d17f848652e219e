/** A client of the administration that knows, by the OpenAPI document, what each path takes and answers. */
import createClient, { type Client } from 'openapi-fetch';
import type { components, operations, paths } from './openapi-types.ts';
import type { TestVault } from './start-vault.ts';

export type AdminClient = Client<paths>;
/** What bodies hold, by their names in the document. */
export type Schemas = components['schemas'];
/** What an operation may be asked for: `QueryOf<'listApps'>`. */
export type QueryOf<Operation extends keyof operations> = NonNullable<
  operations[Operation]['parameters']['query']
>;

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

/** What a call has made: fails where it answered with anything but 201. */
export async function made<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const data = await dataOf(call);
  const { response } = await call;
  if (response.status !== 201) throw new Error(`${response.status} is no answer of what makes something`);
  return data;
}

export async function statusOf(call: Promise<{ response: Response }>): Promise<number> {
  return (await call).response.status;
}

/** What every refusal of the administration has, by the document; without `detail` while the vault starts. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly detail?: string;
  readonly errors?: readonly Schemas['Mistake'][];
}

/** What a call answered that has to be refused. */
export async function refusalOf(
  call: Promise<{ error?: Refusal; response: Response }>,
): Promise<Refusal & { readonly pointers: readonly string[] }> {
  const { error, response } = await call;
  if (error === undefined) throw new Error(`not refused: ${response.status}`);
  return { ...error, pointers: (error.errors ?? []).map(({ pointer }) => pointer) };
}

/** The parameters of a call in tenant acme, with what else its path names: `{ ...inAcme({ id }), body }`. */
export function inAcme<More extends object>(more?: More) {
  return { params: { path: Object.assign({ tenant: 'acme' }, more) } };
}
