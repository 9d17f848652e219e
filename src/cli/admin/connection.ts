/** Where the vault is, and what opens it: options first, then the environment. */
import { fileOf, readVariable } from '../../config/env.ts';
import { parseTokenKind } from '../../domain/token-format.ts';
import { EXIT, Failure } from './failure.ts';
import { askForSecret, readSecret } from './read-input.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8080';
const LOOPBACK = /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

/** The address of the vault, without a slash at its end. Warns where tokens would travel in clear. */
export function vaultUrl(option: string | undefined): string {
  const text = option ?? variable('KEYROTATOR_URL') ?? DEFAULT_URL;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Failure(
      EXIT.config,
      'the address of the vault must be like https://vault.example.com: set KEYROTATOR_URL or --url',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Failure(
      EXIT.config,
      'the address of the vault must be without a user, a query and a fragment: set KEYROTATOR_URL or --url',
    );
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    process.stderr.write(
      `keyrotator: warning: ${url.origin} is not https: tokens and keys travel in clear\n`,
    );
  }
  return url.href.replace(/\/+$/, '');
}

/** The admin token: `--token-file`, else the environment, else a terminal is asked. */
export async function adminToken(file: string | undefined): Promise<string> {
  const token =
    (await tokenFrom(file, ['KEYROTATOR_TOKEN'])) ?? (await askForSecret('Admin token', noToken()));
  const kind = parseTokenKind(token);
  if (kind === 'admin' || kind === null) return checked(token);
  throw new Failure(
    EXIT.config,
    `that is ${kind === 'app' ? "an app's" : 'a client'} token, which gets keys: administration takes an admin token (KEYROTATOR_TOKEN, KEYROTATOR_TOKEN_FILE or --token-file)`,
  );
}

function noToken(): Failure {
  return new Failure(
    EXIT.config,
    'there is no admin token: set KEYROTATOR_TOKEN_FILE or KEYROTATOR_TOKEN, or name a file with --token-file',
  );
}

/** A token that gets keys: `--token-file`, else that of the app, else the client token. */
export async function deliveryToken(file: string | undefined): Promise<string> {
  const token = await tokenFrom(file, ['KEYROTATOR_APP_TOKEN', 'KEYROTATOR_CLIENT_TOKEN']);
  if (token !== undefined) return checked(token);
  throw new Failure(
    EXIT.config,
    'there is no token to get a key with: set KEYROTATOR_APP_TOKEN or KEYROTATOR_CLIENT_TOKEN, or either with _FILE, or name a file with --token-file',
  );
}

/** What requests for keys are signed with; undefined where they are not. */
export function signingSecret(): string | undefined {
  return variable('KEYROTATOR_SIGNING_SECRET');
}

/** The tenant that is meant, where one is named. */
export function namedTenant(option: string | undefined): string | undefined {
  return option ?? variable('KEYROTATOR_TENANT');
}

async function tokenFrom(file: string | undefined, names: readonly string[]): Promise<string | undefined> {
  if (file !== undefined) return readSecret(file, 'Token');
  for (const name of names) {
    const token = fileOf(name) === '-' ? await readSecret('-', 'Token') : variable(name);
    if (token !== undefined) return token;
  }
  return undefined;
}

function variable(name: string): string | undefined {
  const { value, mistake } = readVariable(name);
  if (mistake !== null) throw new Failure(EXIT.config, mistake);
  if (value === '') throw new Failure(EXIT.config, `${name} is empty: give it a value, or unset it`);
  return value;
}

function checked(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Failure(
    EXIT.config,
    'that is no token: it has spaces, line breaks or characters that no token has',
  );
}
