/** What `postgres://…` says, checked, and what it means to the driver. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClientConfig } from 'pg';

/** How the connection is protected, as libpq names it. The modes that fall back to plain text are not offered. */
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type SslMode = (typeof SSL_MODES)[number];

const PARAMETERS = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'application_name']);

export type DatabaseTarget = Pick<
  ClientConfig,
  'host' | 'port' | 'user' | 'password' | 'database' | 'ssl' | 'application_name'
>;

/**
 * `postgres://user:password@host:port/database?sslmode=…`. Without `sslmode` a server that is not on this machine has to
 * show a certificate that is valid for its name. `?host=/path` names the folder of a Unix socket. Throws an Error whose
 * message says what is wrong with the URL, and nothing of what is in it.
 */
export function parseDatabaseUrl(text: string): DatabaseTarget {
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`DATABASE_URL ${(error as Error).message}`);
  }
}

function parse(text: string): DatabaseTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error('must be postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  }
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.has(name)) {
      throw new Error(`has a parameter that is not known; there are ${[...PARAMETERS].join(', ')}`);
    }
  }
  const database = decode(url.pathname.slice(1));
  if (database === '') throw new Error('must name a database, after the host');
  if (url.username === '') throw new Error('must name a user, before the host');
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') throw new Error('must name a host');
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user: decode(url.username),
    ...(url.password === '' ? {} : { password: decode(url.password) }),
    database,
    ssl: sslOptions(url.searchParams, host),
    application_name: url.searchParams.get('application_name') ?? 'keyrotator',
  };
}

function sslOptions(parameters: URLSearchParams, host: string): ClientConfig['ssl'] {
  const files = {
    ca: readPem(parameters, 'sslrootcert', 'certificate', areCertificates),
    cert: readPem(parameters, 'sslcert', 'certificate', areCertificates),
    key: readPem(parameters, 'sslkey', 'private key without a passphrase', isPrivateKey),
  };
  const given = Object.fromEntries(Object.entries(files).filter(([, text]) => text !== null));
  const mode = sslMode(parameters.get('sslmode'), Object.keys(given).length === 0 && isLocal(host));
  if (mode === 'disable') {
    if (Object.keys(given).length > 0)
      throw new Error('names certificates, of which sslmode=disable makes no use');
    return false;
  }
  if ((files.cert === null) !== (files.key === null))
    throw new Error('must name sslcert and sslkey together');
  if (files.cert !== null && files.key !== null && !belongTogether(files.cert, files.key)) {
    throw new Error('names an sslkey that is not the key of its sslcert');
  }
  if (mode === 'verify-full') return { ...given, rejectUnauthorized: true };
  // `require` checks the issuer where one is given, as libpq does.
  const verify = mode === 'verify-ca' || files.ca !== null;
  return { ...given, rejectUnauthorized: verify, checkServerIdentity: () => undefined };
}

function sslMode(given: string | null, inPlainText: boolean): SslMode {
  if (given === null) return inPlainText ? 'disable' : 'verify-full';
  const mode = SSL_MODES.find((known) => known === given);
  if (mode === undefined) throw new Error(`has an sslmode that is not offered: use ${SSL_MODES.join(', ')}`);
  return mode;
}

function isLocal(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The text of a file that `name` names, which has to be `what`; null where none is named. */
function readPem(
  parameters: URLSearchParams,
  name: string,
  what: string,
  isThat: (text: string) => boolean,
): string | null {
  const file = parameters.get(name);
  if (file === null) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`names a file as ${name} that cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (!isThat(text)) throw new Error(`names a file as ${name} that holds no ${what} in PEM`);
  return text;
}

function areCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 0 && blocks.every((block) => succeeds(() => new X509Certificate(block)));
}

function isPrivateKey(text: string): boolean {
  return succeeds(() => createPrivateKey(text));
}

function belongTogether(cert: string, key: string): boolean {
  return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
}

function succeeds(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('has a % that is not followed by two hexadecimal digits: write it as %25');
  }
}
