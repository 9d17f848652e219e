/** What the real program makes, prints and refuses when it is started, the first time and later. */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  hasTerminal,
  type Ran,
  type Running,
  runCommand,
  runShell,
  startInTerminal,
} from '../support/run-command.ts';
import { MAIN, type RunningService, runService } from '../support/run-service.ts';

const root = mkdtempSync(join(tmpdir(), 'keyrotator-start-'));
const running: Pick<Running, 'end'>[] = [];

afterEach(async () => {
  for (const service of running.splice(0)) await service.end('SIGTERM');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function freshFolder(): string {
  const folder = join(root, randomBytes(6).toString('hex'));
  mkdirSync(folder);
  return folder;
}

/** Starts it as somebody does who has set nothing but a free port. */
async function start(cwd: string, env: NodeJS.ProcessEnv = {}): Promise<RunningService> {
  const service = await runService({
    cwd,
    env: { KEYROTATOR_ROOT_TOKEN: undefined, KEYROTATOR_DEMO: undefined, LOG_LEVEL: 'debug', ...env },
  });
  running.push(service);
  return service;
}

/** A start that is expected to fail. */
function tryToStart(cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return runCommand([process.execPath, MAIN], { cwd, env: { PORT: '0', ...env } });
}

function curlLine(stdout: string): string | undefined {
  return stdout.split('\n').find((line) => line.startsWith('curl '));
}

/** Every file in the data folder with its content. */
function contents(folder: string): Record<string, string> {
  const data = join(folder, 'data');
  return Object.fromEntries(
    readdirSync(data).map((name) => [name, readFileSync(join(data, name), 'base64')]),
  );
}

async function whoami(url: string, token: string): Promise<Response> {
  return fetch(`${url}/admin/v1/whoami`, { headers: { authorization: `Bearer ${token}` } });
}

describe('the first start without a terminal', () => {
  const folder = freshFolder();
  let service: RunningService;
  let secrets: { masterKey: string; rootToken: string; demoToken: string };

  beforeAll(async () => {
    service = await runService({
      cwd: folder,
      env: { KEYROTATOR_ROOT_TOKEN: undefined, KEYROTATOR_DEMO: undefined, LOG_LEVEL: 'debug' },
    });
    secrets = {
      masterKey: readFileSync(join(folder, 'data/master.key'), 'utf8').trim(),
      rootToken: readFileSync(join(folder, 'data/root-token'), 'utf8').trim(),
      demoToken: /krc_[0-9A-Za-z]+/.exec(service.output.stdout)?.[0] ?? 'none',
    };
  });
  afterAll(() => service.end('SIGTERM'));

  test('keeps a master key and a root token that only its user can read', async () => {
    for (const name of ['master.key', 'root-token', 'keyrotator.db']) {
      expect(statSync(join(folder, 'data', name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
    expect(Buffer.from(secrets.masterKey, 'base64')).toHaveLength(32);
    expect((await whoami(service.url, secrets.rootToken)).status).toBe(200);
  });

  test('prints a curl line that works as it stands, and gets a masked key', async () => {
    const line = curlLine(service.output.stdout) ?? '';
    const { code, stdout } = await runShell(`${line} -w '\\n%{http_code}'`, { cwd: folder });
    const [body = '', status] = stdout.split('\n');
    expect({ code, status }).toEqual({ code: 0, status: '200' });
    expect(JSON.parse(body)).toMatchObject({ service: 'openai', masked: true, meta: { usage_today: 1 } });
    expect(JSON.parse(body).key).toMatch(/^sk-\u2022{24}.{4}$/);
  });

  test('offers the siblings by time and by usage too', async () => {
    for (const [slug, policy] of [
      ['openai-time', 'time'],
      ['openai-usage', 'usage'],
    ]) {
      const answer = await fetch(`${service.url}/api/next?service=${slug}&token=${secrets.demoToken}`);
      expect(await answer.json()).toMatchObject({ policy, masked: true });
    }
  });

  test('writes nothing secret to the log, nor the root token to its output', async () => {
    await fetch(`${service.url}/nowhere?token=${secrets.demoToken}`);
    await whoami(service.url, secrets.rootToken);
    await whoami(service.url, `${secrets.rootToken}x`);
    const log = service.output.stderr;
    expect(log).toContain('"msg":"answered"');
    expect(log).toContain('"msg":"delivered"');
    const masterKey = Buffer.from(secrets.masterKey, 'base64');
    for (const secret of [
      ...Object.values(secrets),
      masterKey.toString('hex'),
      masterKey.toString('base64url'),
    ]) {
      expect(log).not.toContain(secret);
    }
    expect(service.output.stdout).not.toContain(secrets.rootToken);
    expect(service.output.stdout).not.toContain(secrets.masterKey);
  });
});

test('a second start prints no secret and no curl line, and has kept everything', async () => {
  const folder = freshFolder();
  const first = await start(folder);
  const demoToken = /krc_[0-9A-Za-z]+/.exec(first.output.stdout)?.[0] ?? '';
  await fetch(`${first.url}/api/next?service=openai&token=${demoToken}`);
  expect(await first.end('SIGTERM')).toBe(0);
  const kept = contents(folder);

  const second = await start(folder);
  expect(second.output.stdout).toBe(`KeyRotator serves at ${second.url}\n`);
  expect(contents(folder)).toMatchObject({
    'master.key': kept['master.key'],
    'root-token': kept['root-token'],
  });
  const rootToken = readFileSync(join(folder, 'data/root-token'), 'utf8').trim();
  expect((await whoami(second.url, rootToken)).status).toBe(200);
  const answer = await fetch(`${second.url}/api/next?service=openai&token=${demoToken}`);
  expect(await answer.json()).toMatchObject({ meta: { usage_today: 2 } });
});

test('a root token that is given replaces the one before, whose file goes, and the log says so', async () => {
  const folder = freshFolder();
  const first = await start(folder);
  const old = readFileSync(join(folder, 'data/root-token'), 'utf8').trim();
  await first.end('SIGTERM');

  const given = { KEYROTATOR_ROOT_TOKEN: randomBytes(24).toString('hex'), LOG_LEVEL: 'info' };
  const second = await start(folder, given);
  expect(readdirSync(join(folder, 'data'))).not.toContain('root-token');
  expect(
    second.output.stderr.match(/"msg":"the root token was replaced by that of KEYROTATOR_ROOT_TOKEN"/g),
  ).toHaveLength(1);
  expect((await whoami(second.url, given.KEYROTATOR_ROOT_TOKEN)).status).toBe(200);
  const refused = await whoami(second.url, old);
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ detail: 'The admin token is not valid.' });
  await second.end('SIGTERM');

  const third = await start(folder, given);
  expect(third.output.stderr).not.toContain('replaced');
  await third.end('SIGTERM');

  // A configuration that was left behind brings no token back that somebody may have seen.
  const stale = await start(folder, { KEYROTATOR_ROOT_TOKEN: old, LOG_LEVEL: 'warn' });
  expect(stale.output.stderr).toContain('KEYROTATOR_ROOT_TOKEN is one that was replaced before');
  expect((await whoami(stale.url, old)).status).toBe(401);
  expect((await whoami(stale.url, given.KEYROTATOR_ROOT_TOKEN)).status).toBe(200);
});

describe.skipIf(!hasTerminal())('on a terminal', () => {
  test('the root token is shown once and written nowhere', async () => {
    const folder = freshFolder();
    const launch = async (): Promise<[Running, string]> => {
      const service = startInTerminal({ cwd: folder, env: { PORT: '0' } });
      running.push(service);
      const [, url = ''] = await service.written(/KeyRotator serves at (\S+)\r?\n/);
      return [service, url];
    };
    const [first, url] = await launch();
    const [token] = await first.written(/krr_[0-9A-Za-z]+/);
    expect(existsSync(join(folder, 'data/root-token'))).toBe(false);
    expect((await whoami(url, token)).status).toBe(200);
    await first.end('SIGTERM');

    const [second] = await launch();
    await second.end('SIGTERM');
    expect(second.output.text).not.toMatch(/kr[cr]_/);
  });
});

describe('a start is refused, and nothing is made or changed', () => {
  test('in production without a master key', async () => {
    const folder = freshFolder();
    const { code, stderr } = await tryToStart(folder, { NODE_ENV: 'production' });
    expect(code).toBe(78);
    expect(stderr).toMatch(/^keyrotator: .*\n.*KEYROTATOR_MASTER_KEY must be given with NODE_ENV=production/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('with the wrong master key', async () => {
    const folder = freshFolder();
    await (await start(folder)).end('SIGTERM');
    const before = contents(folder);
    const wrong = randomBytes(32).toString('base64');
    const { code, stderr } = await tryToStart(folder, { KEYROTATOR_MASTER_KEY: wrong });
    expect(code).toBe(78);
    expect(stderr).toContain('the master key is not the one that this database was sealed under');
    expect(stderr).not.toContain(wrong);
    expect(contents(folder)).toEqual(before);
  });

  test('where the port is taken', async () => {
    const folder = freshFolder();
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, '127.0.0.1', () => resolve((holder.address() as { port: number }).port));
    });
    try {
      const { code, stdout, stderr } = await tryToStart(folder, { PORT: String(port) });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(`^keyrotator: address already in use 127\\.0\\.0\\.1:${port}: set PORT to a free one\n$`),
      );
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      holder.close();
    }
  });

  test('where the file of the master key holds none', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/master.key'), 'c2hvcnQ=');
    const { code, stderr } = await tryToStart(folder, {});
    expect(code).toBe(78);
    expect(stderr).toContain('data/master.key does not hold a master key: put the right file back');
  });

  test.each([
    ['a folder', 'sqlite:.', 'EISDIR'],
    ['in what is no folder', 'sqlite:plain/keyrotator.db', 'ENOTDIR'],
    ['no database', 'sqlite:plain', 'file is not a database'],
  ])('where the database is %s, and it is said which one', async (_what, url, why) => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'plain'), 'This is no database.');
    const { code, stderr } = await tryToStart(folder, { DATABASE_URL: url });
    expect(code).toBe(1);
    const file = url.slice('sqlite:'.length);
    expect(stderr).toMatch(`keyrotator: the database ${file} of DATABASE_URL cannot be opened: ${why}`);
  });

  test('where another process has the database', async () => {
    const folder = freshFolder();
    const service = await start(folder);
    const { code, stderr } = await tryToStart(folder, {});
    expect(code).toBe(1);
    expect(stderr).toMatch(/keyrotator: .*keyrotator\.db/);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  });
});
