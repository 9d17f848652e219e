import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readMigrationConfig } from '../../../src/config/config.ts';
import { VARIABLES } from '../../../src/config/variables.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyrotator-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');

/** The lines of the mistakes in `env`; empty where there is none. */
function mistakesIn(env: NodeJS.ProcessEnv): string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^ {2}- /, ''));
  }
}

function fileWith(content: string): string {
  const file = join(folder, randomBytes(6).toString('hex'));
  writeFileSync(file, content);
  return file;
}

describe('the configuration', () => {
  it('has a default for everything outside production', () => {
    expect(readConfig({})).toEqual({
      port: 8080,
      host: '127.0.0.1',
      tls: null,
      database: { engine: 'sqlite', file: 'data/keyrotator.db' },
      databaseConnections: 12,
      masterKey: null,
      rootToken: null,
      trustedProxies: [],
      countryDatabase: null,
      demo: true,
      webhookAllowedAddresses: [],
      webhookProxy: null,
      mail: null,
      retention: { days: 30, deliveries: null },
      drainSeconds: 0,
      disk: { warn: 2_147_483_648, low: 536_870_912 },
      tracing: null,
      logLevel: 'info',
      production: false,
    });
  });

  it('takes the variables of OpenTelemetry, where a collector is named', () => {
    const rest = {
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%2Cb,x-team = vault ,',
      OTEL_SERVICE_NAME: 'vault',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.25',
    };
    expect(readConfig(rest).tracing).toBeNull();
    expect(readConfig({ ...rest, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }).tracing).toEqual({
      endpoint: 'http://127.0.0.1:4318',
      headers: { authorization: 'Bearer a,b', 'x-team': 'vault' },
      serviceName: 'vault',
      resourceAttributes: { 'deployment.environment.name': 'prod' },
      sampler: 'parentbased_traceidratio',
      ratio: 0.25,
    });
  });

  it.each([
    ['KEYROTATOR_WEBHOOK_PROXY', 'proxy.example:3128', 'must be an http or https URL without a path'],
    ['KEYROTATOR_WEBHOOK_PROXY', 'socks5://me:hunter2@proxy.example', 'must be an http or https URL'],
    ['KEYROTATOR_WEBHOOK_PROXY', 'http://proxy.example/x', 'must be an http or https URL without a path'],
    ['KEYROTATOR_WEBHOOK_PROXY', 'http://me:hunter%2@proxy.example', 'must be an http or https URL'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'must be an http or https URL'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'secret-without-a-name', 'must be name=value pairs, separated by commas'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=secret%zz', 'has a percent-escape that does not decode'],
    ['OTEL_TRACES_SAMPLER', 'sometimes', 'must be one of always_on'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'must be a number from 0 to 1'],
  ])('refuses %s=%s, and repeats nothing of it', (name, value, mistake) => {
    const read = () => readConfig({ [name]: value });
    expect(read).toThrow(`${name} ${mistake}`);
    expect(read).not.toThrow(value);
  });

  it('takes what is given', () => {
    const rootToken = 'r'.repeat(32);
    const config = readConfig({
      PORT: '0',
      HOST: '::',
      DATABASE_URL: 'sqlite:/var/lib/vault.db',
      KEYROTATOR_MASTER_KEY: MASTER_KEY,
      KEYROTATOR_ROOT_TOKEN: rootToken,
      KEYROTATOR_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::/32,',
      KEYROTATOR_DEMO: 'false',
      KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '192.168.1.7',
      KEYROTATOR_WEBHOOK_PROXY: 'https://us%20er:pw@proxy.example:3128',
      KEYROTATOR_DELIVERY_RETENTION_DAYS: '7',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '::',
      database: { engine: 'sqlite', file: '/var/lib/vault.db' },
      databaseConnections: 12,
      masterKey: MASTER_KEY,
      rootToken,
      demo: false,
      webhookAllowedAddresses: ['192.168.1.7'],
      webhookProxy: 'https://us%20er:pw@proxy.example:3128',
      retention: { days: 7, deliveries: null },
      logLevel: 'debug',
    });
    expect(config.trustedProxies.map(({ text }) => text)).toEqual(['10.0.0.0/8', '2001:db8::/32']);
  });

  it('takes an empty list for no list', () => {
    const lists = ['KEYROTATOR_TRUSTED_PROXIES', 'KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES'];
    expect(readConfig(Object.fromEntries(lists.map((name) => [name, ''])))).toEqual(readConfig({}));
    expect(readConfig(Object.fromEntries(lists.map((name) => [`${name}_FILE`, fileWith('\n')])))).toEqual(
      readConfig({}),
    );
  });

  it('refuses a variable that was left empty, for its default may be something else than was meant', () => {
    const names = Object.entries(VARIABLES).flatMap(([name, { default: fallback }]) =>
      fallback === '' ? [] : [name],
    );
    for (const name of names) {
      expect(mistakesIn({ [name]: '' })).toEqual([`${name} is empty: give it a value, or unset it`]);
      expect(mistakesIn({ [`${name}_FILE`]: '' })).toEqual([
        `${name}_FILE is empty: name a file, or unset it`,
      ]);
      expect(mistakesIn({ [`${name}_FILE`]: fileWith('\n') })).toEqual([
        `${name} is empty: give it a value, or unset it`,
      ]);
    }
  });

  it('refuses a variable of its own that it does not know, for it was misspelt', () => {
    const told = (name: string) =>
      `${name} is not a variable of this release: unset it, or spell it as the README does`;
    expect(
      mistakesIn({ KEYROTATOR_ROOT_TOKN: 'canary', KEYROTATOR_DEMO_FIEL: 'canary', PORT: '-1' }),
    ).toEqual([
      told('KEYROTATOR_ROOT_TOKN'),
      told('KEYROTATOR_DEMO_FIEL'),
      'PORT must be a whole number from 0 to 65535',
    ]);
    const env = { DATABASE_URL: 'postgres://owner@db/vault', KEYROTATOR_SERVING_ROL: 'keyrotator' };
    expect(() => readMigrationConfig(env)).toThrow(told('KEYROTATOR_SERVING_ROL'));
  });

  it('leaves the variables of clients and of Kubernetes alone', () => {
    const env = {
      KEYROTATOR_URL: 'https://vault.example.com',
      KEYROTATOR_TENANT: 'acme',
      KEYROTATOR_TOKEN_FILE: 'data/root-token',
      KEYROTATOR_CLIENT_TOKEN: 'krc_1',
      KEYROTATOR_APP_TOKEN_FILE: 'app-token',
      KEYROTATOR_SERVICE_HOST: '10.0.0.7',
      KEYROTATOR_SERVICE_PORT: '8080',
      KEYROTATOR_SERVICE_PORT_HTTP: '8080',
      KEYROTATOR_PORT: 'tcp://10.0.0.7:8080',
      KEYROTATOR_PORT_8080_TCP: 'tcp://10.0.0.7:8080',
      KEYROTATOR_PORT_8080_TCP_ADDR: '10.0.0.7',
      KEYROTATOR_PROXY_SERVICE_HOST: '10.0.0.8',
    };
    expect(readConfig(env)).toEqual(readConfig({}));
    expect(mistakesIn({ KEYROTATOR_PORT: '8080' })).toHaveLength(1);
  });

  it('leaves a relative path to the working directory', () => {
    expect(readConfig({ DATABASE_URL: 'sqlite:here/vault.db' }).database).toEqual({
      engine: 'sqlite',
      file: 'here/vault.db',
    });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it('names every mistake in one message', () => {
    const mistakes = mistakesIn({
      PORT: '70000',
      DATABASE_URL: 'mysql://somewhere',
      KEYROTATOR_MASTER_KEY: 'short',
      KEYROTATOR_ROOT_TOKEN: 'short',
      KEYROTATOR_TRUSTED_PROXIES: '10.0.0.1/8,everywhere',
      KEYROTATOR_DEMO: 'yes',
      KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '300.0.0.1',
      KEYROTATOR_DELIVERY_RETENTION_DAYS: '0',
      LOG_LEVEL: 'loud',
      NODE_ENV: 'prod',
    });
    expect(mistakes.map((line) => line.split(' ')[0])).toEqual([
      'PORT',
      'DATABASE_URL',
      'KEYROTATOR_MASTER_KEY',
      'KEYROTATOR_ROOT_TOKEN',
      'KEYROTATOR_TRUSTED_PROXIES',
      'KEYROTATOR_TRUSTED_PROXIES',
      'KEYROTATOR_DEMO',
      'KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES',
      'KEYROTATOR_DELIVERY_RETENTION_DAYS',
      'LOG_LEVEL',
      'NODE_ENV',
    ]);
  });

  it.each([
    ['PORT', ['-1', '65536', '80a', '8080.5', '0x50', ' 80', '1e3']],
    ['DATABASE_URL', ['vault.db', 'sqlite:', 'sqlite:vault.db?mode=ro']],
    [
      'KEYROTATOR_MASTER_KEY',
      [randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), 'ab'.repeat(32)],
    ],
    ['KEYROTATOR_ROOT_TOKEN', ['x'.repeat(31), `${'x'.repeat(40)} y`, 'ä'.repeat(40)]],
    ['KEYROTATOR_DELIVERY_RETENTION_DAYS', ['3651', '1.5', '-7']],
    ['KEYROTATOR_DEMO', ['1', 'TRUE']],
  ])('refuses a %s that it cannot use', (name, values) => {
    for (const value of values) expect(mistakesIn({ [name]: value })).toHaveLength(1);
  });

  it('refuses a NODE_ENV that it does not know, and says which there are', () => {
    for (const value of ['prod', 'Production', 'staging']) {
      expect(mistakesIn({ NODE_ENV: value })).toEqual(['NODE_ENV must be production, development or test']);
    }
    for (const value of ['development', 'test']) {
      expect(readConfig({ NODE_ENV: value }).production).toBe(false);
    }
  });

  it('never repeats the value of a secret', () => {
    const secret = 'canary-that-is-no-key-and-has-a space';
    const env = { KEYROTATOR_MASTER_KEY: secret, KEYROTATOR_ROOT_TOKEN: secret };
    const files = {
      KEYROTATOR_MASTER_KEY_FILE: fileWith(secret),
      KEYROTATOR_ROOT_TOKEN_FILE: fileWith(secret),
    };
    const misplaced = {
      KEYROTATOR_MASTER_KEY_FILE: secret,
      DATABASE_URL: `postgres://user:${secret}@host/db`,
    };
    for (const mistakes of [env, files, misplaced, { ...env, ...files }].map(mistakesIn)) {
      expect(mistakes).toHaveLength(2);
      expect(mistakes.join('\n')).not.toContain('canary');
    }
  });
});

describe('on PostgreSQL', () => {
  const shared = { DATABASE_URL: 'postgres://keyrotator@db/keyrotator' };

  it('refuses to do without the secrets that every replica has to share', () => {
    expect(mistakesIn(shared).map((line) => line.split(' ')[0])).toEqual([
      'KEYROTATOR_MASTER_KEY',
      'KEYROTATOR_ROOT_TOKEN',
    ]);
  });

  it('has a replica say for five seconds that it is stopping, unless told otherwise', () => {
    const env = { ...shared, KEYROTATOR_MASTER_KEY: MASTER_KEY, KEYROTATOR_ROOT_TOKEN: 'r'.repeat(32) };
    expect(readConfig(env).drainSeconds).toBe(5);
    expect(readConfig({ ...env, KEYROTATOR_DRAIN_SECONDS: '0' }).drainSeconds).toBe(0);
  });

  it('migrates no database that is not named', () => {
    expect(() => readMigrationConfig({})).toThrow(
      'DATABASE_URL must name the PostgreSQL database to migrate',
    );
  });
});

describe('a variable in a file', () => {
  it('counts without the line end of the file', () => {
    for (const end of ['', '\n', '\r\n']) {
      const config = readConfig({
        KEYROTATOR_MASTER_KEY_FILE: fileWith(`${MASTER_KEY}${end}`),
        PORT_FILE: fileWith(`81${end}`),
      });
      expect(config).toMatchObject({ masterKey: MASTER_KEY, port: 81 });
    }
  });

  it('cannot be set beside the variable itself', () => {
    const env = { KEYROTATOR_MASTER_KEY: MASTER_KEY, KEYROTATOR_MASTER_KEY_FILE: fileWith(MASTER_KEY) };
    expect(mistakesIn(env)).toEqual([
      'KEYROTATOR_MASTER_KEY and KEYROTATOR_MASTER_KEY_FILE are both set: keep one',
    ]);
  });

  it('that cannot be read is a mistake, and not an unset variable', () => {
    const missing = join(folder, 'missing');
    expect(mistakesIn({ KEYROTATOR_ROOT_TOKEN_FILE: missing })).toEqual([
      'KEYROTATOR_ROOT_TOKEN_FILE cannot be read (ENOENT)',
    ]);
    expect(mistakesIn({ NODE_ENV: 'production', KEYROTATOR_MASTER_KEY_FILE: folder })).toEqual([
      'KEYROTATOR_MASTER_KEY_FILE cannot be read (EISDIR)',
    ]);
  });

  it('is there for every variable', () => {
    for (const name of Object.keys(VARIABLES)) {
      expect(mistakesIn({ [`${name}_FILE`]: join(folder, 'missing') })[0]).toBe(
        `${name}_FILE cannot be read (ENOENT)`,
      );
    }
  });
});

describe('in production', () => {
  it('refuses to do without a master key, and says how to make one', () => {
    expect(mistakesIn({ NODE_ENV: 'production' })).toEqual([
      'KEYROTATOR_MASTER_KEY must be given with NODE_ENV=production: `openssl rand -base64 32` makes one',
    ]);
    expect(mistakesIn({ NODE_ENV_FILE: fileWith('production\n') })).toHaveLength(1);
    expect(mistakesIn({ NODE_ENV: 'production', KEYROTATOR_MASTER_KEY_FILE: fileWith('\n') })).toEqual([
      'KEYROTATOR_MASTER_KEY is empty: give it a value, or unset it',
    ]);
  });

  it('has no demo unless it is asked for', () => {
    const env = { NODE_ENV: 'production', KEYROTATOR_MASTER_KEY: MASTER_KEY };
    expect(readConfig(env)).toMatchObject({ production: true, demo: false });
    expect(readConfig({ ...env, KEYROTATOR_DEMO: 'true' })).toMatchObject({ demo: true });
  });
});

describe('mail', () => {
  const SMTP = {
    KEYROTATOR_SMTP_URL: 'smtps://u:p%40ss@mail.example.com',
    KEYROTATOR_MAIL_FROM: 'v@example.com',
  };

  it('is set up by two variables, and may be bound to domains', () => {
    const mail = { url: SMTP.KEYROTATOR_SMTP_URL, from: 'v@example.com' };
    expect(readConfig(SMTP).mail).toEqual({ ...mail, domains: [] });
    const KEYROTATOR_MAIL_DOMAINS = 'Example.com, example.org';
    const domains = ['example.com', 'example.org'];
    expect(readConfig({ ...SMTP, KEYROTATOR_MAIL_DOMAINS }).mail).toEqual({ ...mail, domains });
  });

  it('wants both of them, and says nothing of the password', () => {
    const { KEYROTATOR_SMTP_URL, KEYROTATOR_MAIL_FROM } = SMTP;
    expect(mistakesIn({ KEYROTATOR_SMTP_URL })).toEqual([
      'KEYROTATOR_MAIL_FROM must be given with KEYROTATOR_SMTP_URL: set both, or neither',
    ]);
    expect(mistakesIn({ KEYROTATOR_MAIL_FROM })).toEqual([
      'KEYROTATOR_SMTP_URL must be given with KEYROTATOR_MAIL_FROM: set both, or neither',
    ]);
    for (const url of ['http://canary@x', 'smtp://', 'canary', 'smtp://u:%zzcanary@x']) {
      const [mistake, ...more] = mistakesIn({ ...SMTP, KEYROTATOR_SMTP_URL: url });
      expect([mistake, more]).toEqual([expect.stringMatching(/^KEYROTATOR_SMTP_URL must be smtp:/), []]);
      expect(mistake).not.toContain('canary');
    }
    expect(mistakesIn({ ...SMTP, KEYROTATOR_MAIL_FROM: 'V <v@example.com>' })).toHaveLength(1);
    expect(mistakesIn({ ...SMTP, KEYROTATOR_MAIL_DOMAINS: 'a b' })).toHaveLength(1);
  });
});
