/** An app that wants its requests signed, and how it asks for the key of `openai`. */
import { exchange, get, type RawResponse } from './raw-http.ts';
import { type Signing, sign } from './sign-request.ts';
import { startVault, type TestVault } from './start-vault.ts';

const SECOND = 1_000;

export const TARGET = '/api/next?service=openai';
export const REFUSED = '403 invalid signature';

export interface SignedApp {
  readonly id: number;
  readonly app_token: string;
  readonly signing_secret: string;
}

/** A vault with the tenant `acme`, its service `openai` and a key in it. */
export async function startSigningVault(): Promise<TestVault> {
  const vault = await startVault();
  await vault.admin('POST', '/tenants', { slug: 'acme' });
  await vault.admin('POST', '/tenants/acme/services', { slug: 'openai' });
  const key = { label: 'one', key: 'sk-one-0123456789abcdefghij' };
  await vault.admin('POST', '/tenants/acme/services/openai/keys', key);
  return vault;
}

export async function makeSignedApp(vault: TestVault, members: object = {}): Promise<SignedApp> {
  const body = { name: 'a', services: 'all', require_signature: true, ...members };
  const reply = await vault.admin('POST', '/tenants/acme/apps', body);
  if (reply.status !== 201) throw new Error(reply.text);
  return reply.body;
}

export function secondsOf(vault: TestVault): number {
  return Math.floor(vault.clock.wall() / SECOND);
}

/** The fields of a request of the app that is signed as it should be, but for what `signing` says. */
export function signedFields(
  vault: TestVault,
  app: SignedApp,
  signing: Partial<Signing> = {},
): Record<string, string> {
  return sign({ secret: app.signing_secret, timestamp: secondsOf(vault), ...signing });
}

/** `delivered`, or the status and the error. */
export function outcomeOf({ status, body }: Pick<RawResponse, 'status' | 'body'>): string {
  return status === 200 ? 'delivered' : `${status} ${body.error}`;
}

/** Asks with these fields; what came is as of {@link outcomeOf}. */
export async function askWith(
  vault: TestVault,
  token: string,
  fields: Record<string, string>,
  target = TARGET,
): Promise<string> {
  return outcomeOf(await exchange(vault.url, get(target, { Authorization: `Bearer ${token}`, ...fields })));
}
