/** The configuration: checked all at once, frozen. */
import type { AddressRule } from '../domain/network.ts';
import { readTls, type TlsConfig } from './tls.ts';
import { type DatabaseConfig, readVariables, type SAMPLERS, VARIABLES, type Values } from './variables.ts';

const MIB = 2 ** 20;

/** A configuration that cannot be used. The message names every mistake, and no value of a secret. */
export class ConfigError extends Error {
  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

export interface TracingConfig {
  /** Without the path of the signal. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly sampler: (typeof SAMPLERS)[number];
  /** 0 to 1. */
  readonly ratio: number;
}

/** How events are mailed. `url` holds a secret; `domains`: those that mails may go to, any where there is none. */
export interface MailConfig {
  readonly url: string;
  readonly from: string;
  readonly domains: readonly string[];
}

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Null: plain HTTP. */
  readonly tls: TlsConfig | null;
  readonly database: DatabaseConfig;
  readonly databaseConnections: number;
  readonly masterKey: string | null;
  readonly rootToken: string | null;
  readonly trustedProxies: readonly AddressRule[];
  /** The path of an `.mmdb` file. */
  readonly countryDatabase: string | null;
  readonly demo: boolean;
  readonly webhookAllowedAddresses: readonly string[];
  /** An http or https URL, maybe with a password. */
  readonly webhookProxy: string | null;
  /** Null: no mail is sent. */
  readonly mail: MailConfig | null;
  /** Free bytes below which there is a warning, and below which only deliveries are recorded. */
  readonly disk: { readonly warn: number; readonly low: number };
  readonly retention: { readonly days: number; readonly deliveries: number | null };
  readonly drainSeconds: number;
  /** Null where there are to be no traces. */
  readonly tracing: TracingConfig | null;
  readonly logLevel: string;
  readonly production: boolean;
}

/** What `npm run migrate` goes by. */
export interface MigrationConfig {
  /** `postgres://…` */
  readonly url: string;
  /** The role that is to serve on the schema; null where whoever migrates serves. */
  readonly servingRole: string | null;
}

/** Reads and checks where the vault lives, and nothing else; throws a {@link ConfigError}. */
export function readDatabaseConfig(env?: NodeJS.ProcessEnv): DatabaseConfig {
  const { values, mistakes } = readVariables(env, ['DATABASE_URL']);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(values.DATABASE_URL as DatabaseConfig);
}

/** Where a service that was started with the same variables is reached from its own machine. */
export interface LocalAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Reads where it listens, and no secret; throws a {@link ConfigError}. */
export function readLocalAddress(env?: NodeJS.ProcessEnv): LocalAddress {
  const { values, mistakes } = readVariables(env, ['PORT', 'HOST', 'KEYROTATOR_TLS_CERT']);
  if (values.PORT === 0) mistakes.push('PORT must be a fixed one: which one 0 took is not known here');
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const { PORT: port = 0, HOST: host = '' } = values;
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return Object.freeze({
    host: everywhere[host] ?? host,
    port,
    tls: values.KEYROTATOR_TLS_CERT !== undefined,
  });
}

/** What local commands go by that open the vault. */
export interface VaultConfig {
  readonly database: DatabaseConfig;
  readonly masterKey: string | null;
  readonly rootToken: string | null;
}

/** Reads and checks where the vault lives and what opens it; throws a {@link ConfigError}. */
export function readVaultConfig(env?: NodeJS.ProcessEnv): VaultConfig {
  const names = ['DATABASE_URL', 'KEYROTATOR_MASTER_KEY', 'KEYROTATOR_ROOT_TOKEN'] as const;
  const { values, mistakes } = readVariables(env, names);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze({
    database: values.DATABASE_URL as DatabaseConfig,
    masterKey: values.KEYROTATOR_MASTER_KEY ?? null,
    rootToken: values.KEYROTATOR_ROOT_TOKEN ?? null,
  });
}

/** Reads and checks what a migration needs, which is no secret but the database's; throws a {@link ConfigError}. */
export function readMigrationConfig(env?: NodeJS.ProcessEnv): MigrationConfig {
  const { values, mistakes } = readVariables(env, ['DATABASE_URL', 'KEYROTATOR_SERVING_ROLE']);
  const { DATABASE_URL: database, KEYROTATOR_SERVING_ROLE: servingRole = null } = values;
  if (database?.engine === 'sqlite') {
    mistakes.push(
      'DATABASE_URL must name the PostgreSQL database to migrate, postgres://OWNER:PASSWORD@HOST:PORT/DATABASE: on SQLite the service migrates its file when it starts',
    );
  }
  if (mistakes.length > 0 || database?.engine !== 'postgres') throw new ConfigError(mistakes);
  return Object.freeze({ url: database.url, servingRole });
}

/** Reads and checks everything; throws a {@link ConfigError} with every mistake there is. */
export function readConfig(env?: NodeJS.ProcessEnv): Config {
  const { values: config, mistakes } = readVariables(env, Object.keys(VARIABLES) as (keyof Values)[]);
  const production = config.NODE_ENV === 'production';
  const shared = config.DATABASE_URL?.engine === 'postgres';
  const missing = (name: keyof Values) =>
    config[name] === undefined &&
    !mistakes.some((line) => [name, `${name}_FILE`].includes(line.split(' ')[0] ?? ''));
  if (missing('KEYROTATOR_MASTER_KEY') && (production || shared)) {
    const why = shared ? 'PostgreSQL, the same for every replica' : 'NODE_ENV=production';
    mistakes.push(`KEYROTATOR_MASTER_KEY must be given with ${why}: \`openssl rand -base64 32\` makes one`);
  }
  if (missing('KEYROTATOR_ROOT_TOKEN') && shared) {
    mistakes.push(
      'KEYROTATOR_ROOT_TOKEN must be given with PostgreSQL, the same for every replica: `openssl rand -hex 32` makes one',
    );
  }
  for (const [name, other] of [
    ['KEYROTATOR_SMTP_URL', 'KEYROTATOR_MAIL_FROM'],
    ['KEYROTATOR_MAIL_FROM', 'KEYROTATOR_SMTP_URL'],
  ] as const) {
    if (missing(name) && config[other] !== undefined)
      mistakes.push(`${name} must be given with ${other}: set both, or neither`);
  }
  const { KEYROTATOR_TLS_CERT: cert, KEYROTATOR_TLS_KEY: key } = config;
  const tls = readTls({ cert, key }, env, mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze({
    port: config.PORT ?? 0,
    host: config.HOST ?? '',
    tls,
    database: config.DATABASE_URL as DatabaseConfig,
    databaseConnections: config.KEYROTATOR_DATABASE_CONNECTIONS ?? 0,
    masterKey: config.KEYROTATOR_MASTER_KEY ?? null,
    rootToken: config.KEYROTATOR_ROOT_TOKEN ?? null,
    trustedProxies: config.KEYROTATOR_TRUSTED_PROXIES ?? [],
    countryDatabase: config.KEYROTATOR_COUNTRY_DATABASE ?? null,
    demo: config.KEYROTATOR_DEMO ?? (!production && !shared),
    webhookAllowedAddresses: (config.KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES ?? []).map(({ text }) => text),
    webhookProxy: config.KEYROTATOR_WEBHOOK_PROXY ?? null,
    disk: {
      warn: (config.KEYROTATOR_DISK_WARN_MIB ?? 0) * MIB,
      low: (config.KEYROTATOR_DISK_LOW_MIB ?? 0) * MIB,
    },
    retention: {
      days: config.KEYROTATOR_DELIVERY_RETENTION_DAYS ?? 0,
      deliveries: config.KEYROTATOR_DELIVERY_RETENTION_ROWS ?? null,
    },
    drainSeconds: config.KEYROTATOR_DRAIN_SECONDS ?? (shared ? 5 : 0),
    mail: mailOf(config),
    tracing: tracingOf(config),
    logLevel: config.LOG_LEVEL ?? 'info',
    production,
  });
}

function mailOf(config: Values): MailConfig | null {
  const { KEYROTATOR_SMTP_URL: url, KEYROTATOR_MAIL_FROM: from, KEYROTATOR_MAIL_DOMAINS: domains } = config;
  if (url === undefined || from === undefined) return null;
  return Object.freeze({ url, from, domains: domains ?? [] });
}

function tracingOf(config: Values): TracingConfig | null {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return null;
  return Object.freeze({
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: config.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: config.OTEL_SERVICE_NAME ?? '',
    resourceAttributes: config.OTEL_RESOURCE_ATTRIBUTES ?? {},
    sampler: config.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on',
    ratio: config.OTEL_TRACES_SAMPLER_ARG ?? 1,
  });
}
