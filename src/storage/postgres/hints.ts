/** What an operator does about an error of the database that does not pass by itself. */
import type { StorageError } from '../errors.ts';
import type { DatabaseTarget } from './database-url.ts';
import { CONNECTION_LOST, TLS_REFUSED } from './errors.ts';

const LET_SERVE =
  "run `npm run migrate` as the schema's owner, with KEYROTATOR_SERVING_ROLE naming this user";

/** By SQLSTATE. */
const HINTS: Readonly<Record<string, string>> = {
  '28P01':
    'check the user and the password in DATABASE_URL; in a password write %XX for what is no letter or digit',
  '3D000': 'make it with CREATE DATABASE, or name another one in DATABASE_URL',
  '3F000': LET_SERVE,
  '42501': LET_SERVE,
};

/** By what the server says, for SQLSTATEs that mean many things. */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/asks for a password/, 'put it into DATABASE_URL: postgres://USER:PASSWORD@HOST:PORT/DATABASE'],
  [/pg_hba\.conf .*no encryption/, 'the server asks for TLS: take sslmode=verify-full in DATABASE_URL'],
  [/no pg_hba\.conf entry/, 'let this user in from this address, in pg_hba.conf of the server'],
  [/role .* does not exist/, 'make it with CREATE ROLE … LOGIN, or name another user in DATABASE_URL'],
  [/role .* is not permitted to log in/, 'let it, with ALTER ROLE … LOGIN'],
  [/permission denied for database/, 'let this user in, with GRANT CONNECT ON DATABASE … TO …'],
];

/** What is to be done next; null where nobody can tell. `target` is where the connection was to lead. */
export function hintFor({ code, message }: StorageError, target: DatabaseTarget): string | null {
  if (code === TLS_REFUSED) return hintForTls(message, target);
  const said = SAID.find(([pattern]) => pattern.test(message));
  if (said !== undefined) return said[1];
  return (
    HINTS[code] ?? (code === CONNECTION_LOST ? 'check the host, the port and sslmode of DATABASE_URL' : null)
  );
}

function hintForTls(message: string, { ssl }: DatabaseTarget): string {
  if (/does not support SSL/.test(message)) {
    return 'it can be reached in plain text only, with sslmode=disable in DATABASE_URL';
  }
  if (/altnames/.test(message)) {
    return 'take the name that the certificate is for, or sslmode=verify-ca in DATABASE_URL';
  }
  if (/has expired|not yet valid/.test(message))
    return "renew the server's certificate, and check this machine's clock";
  return typeof ssl === 'object' && ssl.ca !== undefined
    ? "the authority in sslrootcert of DATABASE_URL has not issued the server's certificate: name the one that has"
    : 'name the authority of its certificate with sslrootcert=FILE in DATABASE_URL';
}
