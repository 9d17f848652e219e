/** How a replica finds its way to the database: what DATABASE_URL may say, and TLS. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import type { Cluster } from '../support/postgres-cluster.ts';
import { createDatabase, queryAt } from '../support/postgres-database.ts';
import { openEngine, throughPort } from '../support/postgres-failures.ts';
import { startInstance } from '../support/postgres-instance.ts';
import { openPostgresRoom } from '../support/postgres-room.ts';
import { seedService, seedTenant } from '../support/seed.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';
import { answerOf, tempFolder } from '../support/storage-room.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';

const CLIENT = selfSignedCertificate('client');

/** The URL with the paths of files that hold a certificate, its key, and the key of another one. */
function withFiles(url: string): string {
  const folder = tempFolder();
  const files = { CERT: CLIENT.cert, KEY: CLIENT.key, OTHER: selfSignedCertificate('other').key };
  return url.replace(/CERT|KEY|OTHER/g, (name) => {
    const file = join(folder, name);
    writeFileSync(file, files[name as keyof typeof files]);
    return file;
  });
}

describe('DATABASE_URL', () => {
  it('is read with all its parts', () => {
    expect(
      parseDatabaseUrl('postgresql://us%40er:p%3Aa%2Fss@[::1]:6543/my%20vault?application_name=blue'),
    ).toEqual({
      host: '::1',
      port: 6543,
      user: 'us@er',
      password: 'p:a/ss',
      database: 'my vault',
      ssl: false,
      application_name: 'blue',
    });
  });

  it('needs no password and no port', () => {
    const target = parseDatabaseUrl('postgres://user@localhost/vault');
    expect(target).toMatchObject({ port: 5432, application_name: 'keyrotator' });
    expect(target).not.toHaveProperty('password');
  });

  it.each(['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])('asks for no TLS of %s', (host) => {
    expect(parseDatabaseUrl(`postgres://user@${host}/vault`).ssl).toBe(false);
  });

  it('that names an authority asks for TLS also of this machine', () => {
    const { ssl } = parseDatabaseUrl(withFiles('postgres://user@localhost/vault?sslrootcert=CERT'));
    expect(ssl).toEqual({ ca: CLIENT.cert, rejectUnauthorized: true });
  });

  it("names a client's certificate with its key", () => {
    const url = 'postgres://user@host/vault?sslcert=CERT&sslkey=KEY';
    expect(parseDatabaseUrl(withFiles(url)).ssl).toEqual({ ...CLIENT, rejectUnauthorized: true });
  });

  it('may name the folder of a Unix socket', () => {
    expect(parseDatabaseUrl('postgres://user@localhost/vault?host=/run/postgresql')).toMatchObject({
      host: '/run/postgresql',
      ssl: false,
    });
  });

  it.each(['db.example.com', '10.0.0.5', 'localhost.example.com', '127.0.0.1.example.com', '[fd00::1]'])(
    'has a certificate for its very name asked of %s',
    (host) => {
      expect(parseDatabaseUrl(`postgres://user@${host}/vault`).ssl).toEqual({ rejectUnauthorized: true });
    },
  );

  it.each([
    [
      'a scheme of another kind',
      'mysql://user:hunter2@host/vault',
      'must be postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    ],
    ['no URL', 'host=db password=hunter2', 'must be postgres://USER:PASSWORD@HOST:PORT/DATABASE'],
    ['a password with an unescaped slash', 'postgres://user:hunter2/x@host/vault', 'must be postgres://'],
    ['a port that is none', 'postgres://user:hunter2@host:99999/vault', 'must be postgres://'],
    ['no database', 'postgres://user:hunter2@host', 'must name a database, after the host'],
    ['no user', 'postgres://:hunter2@host/vault', 'must name a user, before the host'],
    ['no host', 'postgres://user:hunter2@/vault', 'must'],
    [
      'a percent sign that stands for itself',
      'postgres://user:hunter2%@host/vault',
      'has a % that is not followed by two',
    ],
    [
      'an unknown parameter',
      'postgres://user:hunter2@host/vault?hunter2=1',
      'has a parameter that is not known; there are sslmode',
    ],
    [
      'an sslmode that may fall back',
      'postgres://user:hunter2@host/vault?sslmode=prefer',
      'has an sslmode that is not offered: use disable',
    ],
    [
      'an authority that sslmode=disable makes no use of',
      'postgres://user:hunter2@host/vault?sslmode=disable&sslrootcert=CERT',
      'names certificates, of which sslmode=disable makes no use',
    ],
    [
      'a file that is no certificate',
      'postgres://user:hunter2@host/vault?sslrootcert=KEY',
      'names a file as sslrootcert that holds no certificate in PEM',
    ],
    [
      'a file that is no key',
      'postgres://user:hunter2@host/vault?sslcert=CERT&sslkey=CERT',
      'names a file as sslkey that holds no private key',
    ],
    [
      "a client's certificate without its key",
      'postgres://user:hunter2@host/vault?sslcert=CERT',
      'must name sslcert and sslkey together',
    ],
    [
      "a key without the client's certificate",
      'postgres://user:hunter2@host/vault?sslkey=KEY',
      'must name sslcert and sslkey together',
    ],
    [
      'the key of another certificate',
      'postgres://user:hunter2@host/vault?sslcert=CERT&sslkey=OTHER',
      'names an sslkey that is not the key of its sslcert',
    ],
    [
      'a certificate that is not there',
      'postgres://user:hunter2@host/vault?sslrootcert=/hunter2',
      'names a file as sslrootcert that cannot be read (ENOENT)',
    ],
  ])('is refused with %s, and nothing of it is repeated', (_, url, reason) => {
    const refusal = (() => {
      try {
        parseDatabaseUrl(withFiles(url));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(refusal).toContain(`DATABASE_URL ${reason}`);
    expect(refusal).not.toContain('hunter2');
  });
});

describe('TLS to PostgreSQL', () => {
  let instance: Cluster;
  let certificate: string;
  const { key, cert } = selfSignedCertificate('localhost');

  beforeAll(async () => {
    instance = await startInstance({ tls: { key, cert } });
  });

  /** The URL of the server under this name, with these parameters. */
  function at(host: string, parameters: string): string {
    certificate = join(tempFolder(), 'ca.pem');
    writeFileSync(certificate, cert);
    const url = new URL(instance.url);
    url.hostname = host;
    url.search = withFiles(parameters.replace('CA', certificate));
    return url.href;
  }

  /** Opens and says whether TLS is on. */
  async function tlsAt(url: string): Promise<boolean> {
    const { engine } = await openEngine(url);
    await engine.check();
    const rows = await queryAt<{ ssl: boolean }>(
      instance.url,
      "SELECT DISTINCT ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE application_name = 'keyrotator'",
    );
    expect(rows).toHaveLength(1);
    return rows[0]?.ssl ?? false;
  }

  it.each([
    ['require, without a look at the certificate', '127.0.0.1', 'sslmode=require', true],
    ['require, with the authority named', '127.0.0.1', 'sslmode=require&sslrootcert=CA', true],
    ['verify-ca, whatever the name', '127.0.0.1', 'sslmode=verify-ca&sslrootcert=CA', true],
    ['verify-full, under the right name', 'localhost', 'sslmode=verify-full&sslrootcert=CA', true],
    ['disable', '127.0.0.1', 'sslmode=disable', false],
  ])('works with %s', async (_, host, parameters, expected) => {
    expect(await tlsAt(at(host, parameters))).toBe(expected);
  });

  const SELF_SIGNED =
    /^the database cannot be used: self-signed certificate.*: name the authority of its certificate with sslrootcert=FILE in DATABASE_URL$/;
  it.each([
    ['verify-full without an authority that is known', 'localhost', 'sslmode=verify-full', SELF_SIGNED],
    ['verify-ca without an authority that is known', 'localhost', 'sslmode=verify-ca', SELF_SIGNED],
    [
      'verify-full with another authority than the one that issued the certificate',
      'localhost',
      'sslmode=verify-full&sslrootcert=CERT',
      /: the authority in sslrootcert of DATABASE_URL has not issued the server's certificate: name the one that has$/,
    ],
    [
      'verify-full under a name that is not in the certificate',
      '127.0.0.1',
      'sslmode=verify-full&sslrootcert=CA',
      /IP: 127\.0\.0\.1 is not in the cert's list.*: take the name that the certificate is for, or sslmode=verify-ca in DATABASE_URL$/,
    ],
  ])('is refused at once with %s', async (_, host, parameters, message) => {
    const started = performance.now();
    await expect(openEngine(at(host, parameters))).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringMatching(message),
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is not to be had of a server that offers none, which is said at once', async () => {
    const { url } = await createDatabase();
    await expect(openEngine(`${url}?sslmode=require`)).rejects.toMatchObject({
      code: 'TLS',
      message:
        'the database cannot be used: The server does not support SSL connections: it can be reached in plain text only, with sslmode=disable in DATABASE_URL',
    });
  });

  it('is asked for where the server insists on it, by what the refusal says', async () => {
    await queryAt(
      instance.url,
      `CREATE TABLE hba (n serial, line text);
       INSERT INTO hba (line) VALUES ('hostnossl all all all reject');
       INSERT INTO hba (line) SELECT regexp_split_to_table(pg_read_file(current_setting('hba_file')), E'\\n');
       DO $$ BEGIN EXECUTE format('COPY (SELECT line FROM hba ORDER BY n) TO %L', current_setting('hba_file')); END $$`,
    );
    await queryAt(instance.url, 'SELECT pg_reload_conf()');
    await expect.poll(() => queryAt(instance.url, 'SELECT').catch(() => null)).toBeNull();
    await expect(openEngine(at('127.0.0.1', 'sslmode=disable'))).rejects.toMatchObject({
      code: '28000',
      message: expect.stringMatching(
        /no encryption: the server asks for TLS: take sslmode=verify-full in DATABASE_URL$/,
      ),
    });
    await openEngine(at('localhost', 'sslmode=verify-full&sslrootcert=CA'));
  });
});

describe('a database that cannot be used', () => {
  it.each([
    [
      'the password is wrong',
      { password: 'wrong' },
      /^the database cannot be used: password authentication failed .*: check the user and the password in DATABASE_URL/,
    ],
    [
      'the password is missing',
      { password: '' },
      /^the database cannot be used: the server asks for a password: put it into DATABASE_URL/,
    ],
    [
      'there is no such database',
      { pathname: '/missing' },
      /^the database cannot be used: database "missing" does not exist: make it with CREATE DATABASE/,
    ],
  ])('because %s is refused at once', async (_, change, message) => {
    const url = Object.assign(new URL((await createDatabase()).url), change);
    const started = performance.now();
    onTestFinished(() => expect(performance.now() - started).toBeLessThan(3_000));
    await expect(openEngine(url.href)).rejects.toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('a session of a replica', () => {
  it('is begun with nothing that a pooler does not take', async () => {
    const { url } = await createDatabase();
    const { hostname, port } = new URL(url);
    const proxy = await createTcpProxy({ host: hostname, port: Number(port) });
    const begun = new Set<string>();
    proxy.onClientData((bytes) => {
      const text = bytes.subarray(8).toString();
      if (bytes.length > 8 && bytes.readInt32BE(4) === 196_608) {
        for (const [at, name] of text.split('\0').entries()) if (at % 2 === 0 && name !== '') begun.add(name);
      }
      return 'pass';
    });
    const { engine } = await openEngine(throughPort(url, proxy.port));
    await engine.check();
    expect([...begun].sort()).toEqual(['application_name', 'client_encoding', 'database', 'user']);
  });

  it('has its time-outs all the same, in the pools and in the lanes', async () => {
    const room = await openPostgresRoom();
    const { id, token } = await seedTenant(room, 'acme');
    await seedService(room, id, 'openai');
    await room.database.query(`
      CREATE TABLE seen (statement text, lock text, idle text);
      CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO seen VALUES (current_setting('statement_timeout'), current_setting('lock_timeout'),
                                 current_setting('idle_in_transaction_session_timeout'));
        RETURN NEW;
      END $$;
      CREATE TRIGGER see BEFORE INSERT ON deliveries FOR EACH ROW EXECUTE FUNCTION see();
      CREATE TRIGGER see BEFORE INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION see()`);
    answerOf(await room.deliver(token, 'openai'));
    await seedTenant(room, 'another');
    expect(await room.database.query('SELECT * FROM seen')).toEqual([
      { statement: '5s', lock: '1s', idle: '2s' },
      { statement: '30s', lock: '10s', idle: '5s' },
    ]);
  });
});
