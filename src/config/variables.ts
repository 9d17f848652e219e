/** The variables of the environment: what each means, and how it is read. The README's table is made from this. */
import { z } from 'zod';
import { isDomain, isEmailAddress } from '../domain/email-address.ts';
import { type AddressRule, parseAddressRule } from '../domain/network.ts';
import { readVariable, variablesWith } from './env.ts';

interface Variable<T> {
  /** What the table shows, and what is parsed where the variable is unset; null where there is no default. */
  readonly default: string | null;
  readonly about: string;
  readonly parse: z.ZodType<T, string>;
}

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      message: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const addressRules = z.string().transform((text, context) => {
  const rules: AddressRule[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const parsed = parseAddressRule(entry);
    if (parsed.ok) rules.push(parsed.rule);
    else context.addIssue({ code: 'custom', message: `has an entry that cannot be used: ${parsed.detail}` });
  }
  return rules;
});

/** Where the vault lives: one file, or a PostgreSQL database that several replicas share. */
export type DatabaseConfig =
  | { readonly engine: 'sqlite'; readonly file: string }
  | { readonly engine: 'postgres'; readonly url: string };

const databaseUrl = z.string().transform((text, context): DatabaseConfig => {
  if (/^sqlite:[^?#]+$/.test(text)) return { engine: 'sqlite', file: text.slice('sqlite:'.length) };
  if (/^postgres(ql)?:/.test(text)) return { engine: 'postgres', url: text };
  context.addIssue({
    code: 'custom',
    message: 'must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE',
  });
  return z.NEVER;
});

/** The list of OpenTelemetry's variables; values are percent-encoded. */
const pairs = z.string().transform((text, context): Readonly<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [, name, value] = /^([\w.!#$%&'*+^`|~-]+)\s*=\s*(.*)$/.exec(part) ?? [];
    try {
      if (name !== undefined && value !== undefined) found[name] = decodeURIComponent(value);
      else context.addIssue({ code: 'custom', message: 'must be name=value pairs, separated by commas' });
    } catch {
      context.addIssue({ code: 'custom', message: 'has a percent-escape that does not decode' });
    }
  }
  return found;
});

/** What is not percent-encoded right cannot be sent. */
function hasPlainUser({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

const domains = z.string().transform((text, context) => {
  const found = text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  if (!found.every(isDomain))
    context.addIssue({ code: 'custom', message: 'must be domains such as example.com, separated by commas' });
  return found;
});

export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

function variable<T>(fallback: string | null, about: string, parse: z.ZodType<T, string>): Variable<T> {
  return { default: fallback, about, parse };
}

/** What belongs to the command line and to clients, which may share a shell with the service. */
const OF_CLIENTS = new Set(
  ['URL', 'TENANT', 'TOKEN', 'CLIENT_TOKEN', 'APP_TOKEN', 'SIGNING_SECRET'].flatMap((name) => [
    `KEYROTATOR_${name}`,
    `KEYROTATOR_${name}_FILE`,
  ]),
);

export const VARIABLES = {
  PORT: variable('8080', 'The port to listen on; 0 takes a free one.', wholeNumber(0, 65_535)),
  HOST: variable(
    '127.0.0.1',
    'The address to listen on. Open it to others with TLS only: `KEYROTATOR_TLS_CERT`, or a proxy.',
    z.string(),
  ),
  DATABASE_URL: variable(
    'sqlite:data/keyrotator.db',
    'Where the vault lives: `sqlite:PATH`, or `postgres://…` for several replicas (docs/scaling.md).',
    databaseUrl,
  ),
  KEYROTATOR_DATABASE_CONNECTIONS: variable(
    '12',
    'How many connections to PostgreSQL a replica may have, 9 to 100.',
    wholeNumber(9, 100),
  ),
  KEYROTATOR_SERVING_ROLE: variable(
    null,
    'The PostgreSQL role that `npm run migrate` lets serve, where another one migrates (docs/scaling.md).',
    z.string().max(63, 'must be at most 63 characters'),
  ),
  KEYROTATOR_MASTER_KEY: variable(
    null,
    'Base64 of 32 bytes, under which everything is sealed. Outside production one is made beside the database, as `master.key`; with `NODE_ENV=production`, and on PostgreSQL, it must be given.',
    z
      .string()
      .refine(
        (text) => /^[A-Za-z0-9+/]{43}=$/.test(text),
        'must be base64 of 32 bytes: `openssl rand -base64 32` makes one',
      ),
  ),
  KEYROTATOR_ROOT_TOKEN: variable(
    null,
    'The root token, 32 characters or more. Without it one is made at the first start: shown once on a terminal, else written beside the database, as `root-token`; on PostgreSQL it must be given.',
    z
      .string()
      .refine(
        (text) => /^[\x21-\x7e]{32,512}$/.test(text),
        'must be 32 or more printable characters without spaces',
      ),
  ),
  KEYROTATOR_TLS_CERT: variable(
    null,
    'The certificate to serve https with, in PEM, followed by those that vouch for it. As a file it is read again when it changes (docs/operations.md).',
    z.string(),
  ),
  KEYROTATOR_TLS_KEY: variable(
    null,
    'The private key of that certificate, in PEM, without a passphrase. Both or neither.',
    z.string(),
  ),
  KEYROTATOR_TRUSTED_PROXIES: variable(
    '',
    'Addresses and CIDR blocks of proxies whose `X-Forwarded-For` is believed, separated by commas.',
    addressRules,
  ),
  KEYROTATOR_COUNTRY_DATABASE: variable(
    null,
    "A `.mmdb` file of countries or cities, in MaxMind's format, read into memory at the start. Without it the vault knows the countries of IPv4 addresses, as of its release.",
    z.string(),
  ),
  KEYROTATOR_DEMO: variable(
    null,
    'Makes the tenant `demo` at the first start. `true` on SQLite outside production, else `false`.',
    z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true'),
  ),
  KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: variable(
    '',
    'Addresses and CIDR blocks of inside receivers that webhooks may reach, separated by commas.',
    addressRules,
  ),
  KEYROTATOR_WEBHOOK_PROXY: variable(
    null,
    'An http or https proxy through which webhooks leave, as `http://USER:PASSWORD@HOST:PORT`; listed addresses are reached directly (docs/webhooks.md).',
    z.string().refine((text) => {
      const url = URL.parse(text);
      if (
        url === null ||
        !/^https?:$/.test(url.protocol) ||
        /%(?![\da-f]{2})/i.test(url.username + url.password)
      )
        return false;
      return url.pathname === '/' && url.search === '' && url.hash === '';
    }, 'must be an http or https URL without a path'),
  ),
  KEYROTATOR_SMTP_URL: variable(
    null,
    'The server that events are mailed by, `smtps://USER:PASSWORD@HOST:PORT`, or `smtp://…`, which changes to TLS before it says a password (docs/events.md).',
    z.string().refine((text) => {
      const url = URL.parse(text);
      return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && hasPlainUser(url);
    }, 'must be smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT, user and password percent-encoded'),
  ),
  KEYROTATOR_MAIL_FROM: variable(
    null,
    'The address that mails come from. Both or neither.',
    z.string().refine(isEmailAddress, 'must be an address such as vault@example.com'),
  ),
  KEYROTATOR_MAIL_DOMAINS: variable(
    '',
    'Domains that mails may go to, separated by commas; any without it.',
    domains,
  ),
  KEYROTATOR_DELIVERY_RETENTION_DAYS: variable(
    '30',
    'How many days a delivery stays on record; on SQLite the last one stays until the next.',
    wholeNumber(1, 3650),
  ),
  KEYROTATOR_DISK_WARN_MIB: variable(
    '2048',
    'Free room on the disk of a SQLite file, in MiB, below which the log warns.',
    wholeNumber(0, 1_000_000_000),
  ),
  KEYROTATOR_DISK_LOW_MIB: variable(
    '512',
    'Free room, in MiB, below which refusals are no longer recorded, so that deliveries can be for longer.',
    wholeNumber(0, 1_000_000_000),
  ),
  KEYROTATOR_DELIVERY_RETENTION_ROWS: variable(
    null,
    'How many deliveries stay on record at most, 1000 or more, on PostgreSQL to the day; without it, as many as there are.',
    wholeNumber(1_000, 1_000_000_000_000),
  ),
  KEYROTATOR_DRAIN_SECONDS: variable(
    null,
    'How long a replica that was sent SIGTERM goes on serving while `/readyz` says that it is stopping, 0 to 300. `5` on PostgreSQL, else `0`.',
    wholeNumber(0, 300),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(
    null,
    'Where traces go: the http or https address of an OpenTelemetry collector. Without it there are none (docs/operations.md).',
    z
      .string()
      .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'must be an http or https URL'),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: variable(
    '',
    'Header fields for the collector, as `name=value,…`, values percent-encoded.',
    pairs,
  ),
  OTEL_SERVICE_NAME: variable('keyrotator', 'What the service is called in traces.', z.string()),
  OTEL_RESOURCE_ATTRIBUTES: variable('', 'What else traces say of it, as `name=value,…`.', pairs),
  OTEL_TRACES_SAMPLER: variable(
    'parentbased_always_on',
    'Which traces are kept, in the words of OpenTelemetry.',
    z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(', ')}`),
  ),
  OTEL_TRACES_SAMPLER_ARG: variable(
    '1',
    'The share that a `traceidratio` sampler keeps, 0 to 1.',
    z
      .string()
      .refine((text) => /^(0(\.\d+)?|1(\.0+)?)$/.test(text), 'must be a number from 0 to 1')
      .transform(Number),
  ),
  LOG_LEVEL: variable(
    'info',
    'How much is logged: `fatal`, `error`, `warn`, `info`, `debug` or `silent`.',
    z.enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
      'must be fatal, error, warn, info, debug or silent',
    ),
  ),
  NODE_ENV: variable(
    'development',
    '`production`, `development` or `test`. `production` refuses to make up a master key and has no demo.',
    z.enum(['production', 'development', 'test'], 'must be production, development or test'),
  ),
} as const;

export type Values = {
  [Name in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[Name]['parse']> | undefined;
};

/** What the variables of these names have, and every mistake in them; none of it is the value of a secret. */
export function readVariables(
  env: NodeJS.ProcessEnv | undefined,
  names: readonly (keyof Values)[],
): { values: Values; mistakes: string[] } {
  const mistakes: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of variablesWith('KEYROTATOR_', env)) {
    if (Object.hasOwn(VARIABLES, name.replace(/_FILE$/, '')) || OF_CLIENTS.has(name)) continue;
    mistakes.push(`${name} is not a variable of this release: unset it, or spell it as the README does`);
  }
  for (const name of names) {
    const { default: fallback, parse } = VARIABLES[name];
    const { value, mistake } = readVariable(name, env);
    if (mistake !== null) mistakes.push(mistake);
    const text = value ?? fallback;
    if (text === null || mistake !== null) continue;
    if (text === '' && fallback !== '') {
      mistakes.push(`${name} is empty: give it a value, or unset it`);
      continue;
    }
    const parsed = parse.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else for (const { message } of parsed.error.issues) mistakes.push(`${name} ${message}`);
  }
  return { values: values as Values, mistakes };
}
