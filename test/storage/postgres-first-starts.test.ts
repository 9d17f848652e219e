/** What a database is and holds before it serves: first starts, schemas, roles, keys. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listMigrations, type Migration } from '../../src/storage/migrations.ts';
import { grantServing } from '../../src/storage/postgres/grants.ts';
import { migrateDatabase } from '../../src/storage/postgres/open-database.ts';
import {
  createDatabase,
  createMigratedDatabase,
  queryAt,
  serverUrl,
  type TestDatabase,
} from '../support/postgres-database.ts';
import { openEngine, throughPort } from '../support/postgres-failures.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { runCommand } from '../support/run-command.ts';
import { administer, MAIN, type RunningService, runService } from '../support/run-service.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { answerOf, tempFolder, testMasterKey } from '../support/storage-room.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';

const MIGRATE = fileURLToPath(new URL('../../src/cli/migrate.ts', import.meta.url));
const FIRST = listMigrations('postgres');
const NEXT = FIRST.length + 1;
const ROOT_TOKEN = 'root-token-for-the-tests-of-first-starts';

function next(name: string, sql: string): Migration[] {
  return [...FIRST, { number: NEXT, name, sql }];
}

function envOf(database: TestDatabase, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: database.url,
    KEYROTATOR_MASTER_KEY: testMasterKey().toString('base64'),
    KEYROTATOR_ROOT_TOKEN: ROOT_TOKEN,
    ...more,
  };
}

async function run(database: TestDatabase, more: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const service = await runService({ cwd: tempFolder(), env: envOf(database, more) });
  onTestFinished(async () => void (await service.end('SIGKILL')));
  return service;
}

function applied(database: TestDatabase): Promise<{ number: number; name: string }[]> {
  return database.query('SELECT number, name FROM schema_migrations ORDER BY number');
}

async function tables(database: TestDatabase): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  );
  return rows.map(({ name }) => name);
}

/** Everything that is in the database but the clock, which each start writes. */
async function contents(database: TestDatabase): Promise<unknown> {
  const all: Record<string, unknown> = {};
  for (const name of await tables(database)) {
    if (name !== 'clock') all[name] = await database.query(`SELECT * FROM ${name} AS t ORDER BY t::text`);
  }
  return all;
}

/** A role that can log in and has been granted nothing; its URL of the database. */
async function makeRole(database: TestDatabase): Promise<{ role: string; url: string }> {
  const role = `keyrotator test ${randomBytes(6).toString('hex')}`;
  await database.query(`CREATE ROLE "${role}" LOGIN PASSWORD 'serving'`);
  onTestFinished(async () => {
    // By then the database is gone, and with it all that the role was granted.
    await queryAt(await serverUrl(), `DROP ROLE "${role}"`);
  });
  const url = Object.assign(new URL(database.url), {
    username: encodeURIComponent(role),
    password: 'serving',
  });
  return { role, url: url.href };
}

describe('first starts at once on one empty database', () => {
  it('of three replicas make one vault, in which each of them serves', async () => {
    const database = await createDatabase();
    const services = await Promise.all([run(database), run(database), run(database)]);
    expect(await applied(database)).toEqual(FIRST.map(({ number, name }) => ({ number, name })));
    expect(
      await database.query('SELECT name, count(*) AS n FROM settings GROUP BY name ORDER BY name'),
    ).toEqual([
      { name: 'master_key_check', n: 1 },
      { name: 'token_pepper', n: 1 },
    ]);
    expect(await database.query("SELECT type FROM audit_entries WHERE type LIKE 'root_token%'")).toEqual([
      { type: 'root_token.created' },
    ]);
    const [one, two, three] = services as [RunningService, RunningService, RunningService];
    const { client_token } = await administer(one, 'POST', '/tenants', { slug: 'acme' });
    await administer(two, 'POST', '/tenants/acme/services', { slug: 'openai' });
    await administer(three, 'POST', '/tenants/acme/services/openai/keys', {
      label: 'Key',
      key: 'sk-1234567890abcdef',
    });
    const ordinals: number[] = [];
    for (const service of services) {
      const reply = await fetch(`${service.url}/api/next?service=openai`, {
        headers: { authorization: `Bearer ${client_token}` },
      });
      expect(reply.status).toBe(200);
      const { meta } = (await reply.json()) as { meta: { usage_today: number } };
      ordinals.push(meta.usage_today);
    }
    expect(ordinals).toEqual([1, 2, 3]);
  });

  it('under different master keys leave one vault, and another is refused', async () => {
    const database = await createDatabase();
    const starts = await Promise.allSettled(
      [1, 2].map((byte) =>
        run(database, { KEYROTATOR_MASTER_KEY: Buffer.alloc(32, byte).toString('base64') }),
      ),
    );
    const refused = starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : []));
    expect(refused).toHaveLength(1);
    for (const reason of refused) expect(reason).toContain('the master key is not the one');
    expect(await database.query("SELECT FROM settings WHERE name = 'master_key_check'")).toHaveLength(1);
  });
});

describe('a start on PostgreSQL', () => {
  it.each([
    ['KEYROTATOR_MASTER_KEY', 'openssl rand -base64 32'],
    ['KEYROTATOR_ROOT_TOKEN', 'openssl rand -hex 32'],
  ])('without %s is refused with exit 78, and says how to make one', async (name, how) => {
    const database = await createDatabase();
    const { code, stderr } = await runCommand([process.execPath, MAIN], {
      cwd: tempFolder(),
      env: envOf(database, { [name]: undefined }),
    });
    expect(code).toBe(78);
    expect(stderr).toContain(
      `${name} must be given with PostgreSQL, the same for every replica: \`${how}\` makes one`,
    );
    expect(await tables(database)).toEqual([]);
  });

  it('under another master key is refused before anything is written', async () => {
    const room = await openPostgresRoom();
    const { id } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    await room.close();
    const before = [await contents(room.database), await room.rows('SELECT * FROM clock')];
    const another = { KEYROTATOR_MASTER_KEY: Buffer.alloc(32, 8).toString('base64') };
    await expect(run(room.database, another)).rejects.toThrow(
      /the service ended with 78: keyrotator: the master key is not the one that this database was sealed under/,
    );
    expect([await contents(room.database), await room.rows('SELECT * FROM clock')]).toEqual(before);
  });

  it('waits for a database that is not there yet, and says so', async () => {
    const database = await createMigratedDatabase();
    const { hostname, port } = new URL(database.url);
    const proxy = await createTcpProxy({ host: hostname, port: Number(port) });
    proxy.refuse(true);
    const waiting = Promise.withResolvers<string>();
    const url = throughPort(database.url, proxy.port);
    const opening = openEngine(url, { report: waiting.resolve });
    expect(await waiting.promise).toMatch(/^waiting for the database: /);
    proxy.refuse(false);
    await (await opening).engine.check();
  });

  it('goes on where its connection is lost in the middle of migrating', async () => {
    for (const verdict of ['cut-before', 'cut-after'] as const) {
      const database = await createDatabase();
      const { hostname, port } = new URL(database.url);
      const proxy = await createTcpProxy({ host: hostname, port: Number(port) });
      let cuts = 0;
      proxy.onClientData((bytes) => (bytes.includes('COMMIT') && ++cuts === 1 ? verdict : 'pass'));
      const url = throughPort(database.url, proxy.port);
      const { engine, lines } = await openEngine(url);
      await engine.check();
      expect(cuts).toBeGreaterThan(0);
      expect(lines).toContainEqual(expect.stringMatching(/^waiting for the database: /));
      expect(await applied(database)).toEqual(FIRST.map(({ number, name }) => ({ number, name })));
    }
  });
});

describe('migrating on PostgreSQL', () => {
  it('makes the schema at the first start, and does nothing at the second', async () => {
    const database = await createDatabase();
    const { lines } = await openEngine(database.url);
    expect(lines).toEqual(FIRST.map(({ number, name }) => `migrating the database: ${number} ${name}`));
    expect((await openEngine(database.url)).lines).toEqual([]);
  });

  it('by many at once runs each migration once', async () => {
    const database = await createDatabase();
    const migrations = next('more', 'CREATE TABLE more (id bigint); INSERT INTO more VALUES (1)');
    const opened = await Promise.all(
      Array.from({ length: 6 }, () => openEngine(database.url, { migrations })),
    );
    const lines = opened.flatMap((one) => one.lines);
    const once = migrations.map(({ number, name }) => `migrating the database: ${number} ${name}`);
    expect(lines.sort()).toEqual(once.sort());
    expect(await database.query('SELECT * FROM more')).toEqual([{ id: 1 }]);
  });

  it('leaves the database as it was where a migration fails, and works once that is mended', async () => {
    const database = await createMigratedDatabase();
    const before = await contents(database);
    const migrations = next('failing', 'CREATE TABLE half (id bigint); INSERT INTO missing VALUES (1)');
    await expect(openEngine(database.url, { migrations })).rejects.toMatchObject({
      name: 'StorageError',
      code: '42P01',
    });
    expect(await contents(database)).toEqual(before);
    await openEngine(database.url, { migrations: next('mended', 'CREATE TABLE whole (id bigint)') });
    expect(await tables(database)).toContain('whole');
  });

  it('refuses the schema of a later release, and changes nothing', async () => {
    const database = await createMigratedDatabase();
    await openEngine(database.url, { migrations: next('later', 'CREATE TABLE later (id bigint)') });
    const before = await contents(database);
    await expect(openEngine(database.url)).rejects.toMatchObject({
      code: 'NEWER_SCHEMA',
      message: `the database has schema ${NEXT}, this release knows ${FIRST.length}: run the release that wrote it, or a later one`,
    });
    expect(await contents(database)).toEqual(before);
  });

  it('refuses a database whose migrations went another way', async () => {
    const database = await createMigratedDatabase();
    await openEngine(database.url, { migrations: next('theirs', 'CREATE TABLE theirs (id bigint)') });
    const ours = next('ours', 'CREATE TABLE ours (id bigint)');
    await expect(openEngine(database.url, { migrations: ours })).rejects.toMatchObject({
      code: 'FOREIGN_SCHEMA',
      message: `the database has migration ${NEXT} "theirs", which this release does not know`,
    });
    expect(await tables(database)).not.toContain('ours');
  });

  it.each([
    ['a journal of its own', 'CREATE TABLE schema_migrations (version text PRIMARY KEY)'],
    ['settings of its own', 'CREATE TABLE settings (key text, value text)'],
  ])('refuses the database of something else that has %s, and changes nothing', async (_, theirs) => {
    const database = await createDatabase();
    await database.query(theirs);
    const before = await contents(database);
    await expect(openEngine(database.url)).rejects.toMatchObject({
      code: 'FOREIGN_SCHEMA',
      message: 'the database has tables of something else: give the vault a database of its own',
    });
    expect(await contents(database)).toEqual(before);
  });

  it('by a role that may not is refused with what to do, and changes nothing', async () => {
    for (const database of [await createDatabase(), await createMigratedDatabase()]) {
      const { role, url } = await makeRole(database);
      const isNew = (await tables(database)).length === 0;
      if (!isNew) await database.query(`GRANT SELECT ON schema_migrations, settings TO "${role}"`);
      const before = await contents(database);
      await expect(
        openEngine(url, { migrations: next('more', 'CREATE TABLE more (id bigint)') }),
      ).rejects.toMatchObject({
        code: 'PERMISSION',
        message:
          'the schema of the database is not that of this release, and this user may not change it: run `npm run migrate` as a user that may, with KEYROTATOR_SERVING_ROLE naming this one',
      });
      expect(await contents(database)).toEqual(before);
    }
  });
});

describe('a role that was let serve', () => {
  async function serveAs(database: TestDatabase) {
    const { role, url } = await makeRole(database);
    const client = new pg.Client(database.url);
    await client.connect();
    await grantServing(client, role).finally(() => client.end());
    return url;
  }

  it('delivers, administers and leads', async () => {
    const database = await createMigratedDatabase();
    const room = await openPostgresRoom({ database, url: await serveAs(database) });
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    expect(answerOf(await room.deliver(token, 'openai')).usage_today).toBe(1);
    const leader = await room.engine.lead();
    await leader?.write({ tenantId: id }, (unit) =>
      unit.deleteFrom('tenants').where('id', '=', id).execute(),
    );
    expect(await room.rows('SELECT FROM tenants')).toEqual([]);
  });

  it('makes room for coming days, and removes the past ones', async () => {
    const database = await createMigratedDatabase();
    const room = await openPostgresRoom({ database, url: await serveAs(database) });
    const days = () =>
      room.rows("SELECT FROM pg_class WHERE relname ~ '^deliveries_[0-9]{8}$' AND relkind = 'r'");
    await room.engine.tidy();
    expect(await days()).toHaveLength(3);
    await room.engine.pruneDeliveries(
      { since: Date.now() + 2 * 86_400_000, rows: null },
      new AbortController().signal,
    );
    expect(await days()).toHaveLength(1);
  });

  it('can change neither the schema nor the record of it', async () => {
    const database = await createMigratedDatabase();
    const client = new pg.Client(await serveAs(database));
    await client.connect();
    try {
      for (const statement of [
        'CREATE TABLE more ()',
        'ALTER TABLE deliveries ADD COLUMN more text',
        'DROP TABLE deliveries',
        'TRUNCATE deliveries',
        'DROP INDEX deliveries_by_service',
        'INSERT INTO schema_migrations VALUES (99, $$more$$, 0)',
        'DELETE FROM schema_migrations',
      ]) {
        await expect(client.query(statement), statement).rejects.toMatchObject({ code: '42501' });
      }
    } finally {
      await client.end();
    }
  });

  it('is named to the command that migrates', async () => {
    const database = await createDatabase();
    const { role, url } = await makeRole(database);
    const command = () =>
      runCommand([process.execPath, MIGRATE], {
        cwd: tempFolder(),
        env: { DATABASE_URL: database.url, KEYROTATOR_SERVING_ROLE: role },
      });
    for (const { code, stderr } of [await command(), await command()]) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
    await (await openEngine(url)).engine.check();
  });

  it('may also use what a later migration adds, where it was not named again', async () => {
    const database = await createDatabase();
    const { role, url } = await makeRole(database);
    await migrateDatabase(database.url, role, () => {});
    const more = `CREATE TABLE more (id bigint GENERATED ALWAYS AS IDENTITY, note text);
      CREATE SEQUENCE counting;
      CREATE FUNCTION add_up() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
      REVOKE ALL ON FUNCTION add_up() FROM PUBLIC`;
    await openEngine(database.url, { migrations: next('more', more) });
    await openEngine(url, { migrations: next('more', more) });
    await queryAt(url, "INSERT INTO more (note) VALUES ('x'); SELECT nextval('counting'), add_up()");
  });

  it('that was not granted everything is refused at start, with what to do', async () => {
    const database = await createMigratedDatabase();
    const { role, url } = await makeRole(database);
    const run = "run `npm run migrate` as the schema's owner, with KEYROTATOR_SERVING_ROLE naming this user";
    await expect(openEngine(url)).rejects.toThrow(
      `the database cannot be used: permission denied for table schema_migrations: ${run}`,
    );
    await migrateDatabase(database.url, role, () => {});
    await openEngine(url);
    await database.query(`
      REVOKE UPDATE ON counters FROM "${role}"; REVOKE ALL ON deliveries FROM "${role}";
      REVOKE USAGE ON SEQUENCE delivery_seq FROM "${role}";
      REVOKE EXECUTE ON FUNCTION make_delivery_partitions FROM "${role}"`);
    await expect(openEngine(url)).rejects.toMatchObject({
      code: 'PERMISSION',
      message: `this user may not use counters, deliveries, delivery_seq, make_delivery_partitions of the vault: ${run}`,
    });
  });

  it('and does not exist is noticed before anything is migrated', async () => {
    const database = await createDatabase();
    const { code, stderr } = await runCommand([process.execPath, MIGRATE], {
      cwd: tempFolder(),
      env: { DATABASE_URL: database.url, KEYROTATOR_SERVING_ROLE: 'nobody at all' },
    });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'keyrotator: KEYROTATOR_SERVING_ROLE names a role that does not exist on this server: make it with CREATE ROLE … LOGIN; nothing was migrated\n',
    });
    expect(await tables(database)).toEqual([]);
  });
});
