/** The image, compose.yaml and the systemd unit, as far as they can be tried without Docker and without being root. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VARIABLES } from '../../src/config/variables.ts';
import { assembleImage, COPIED, execForm, type Image, instruction } from '../support/image.ts';
import { PROJECT, readDocument } from '../support/markdown.ts';
import { hasCommand, type Running, runCommand, startCommand } from '../support/run-command.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

const MASTER_KEY = Buffer.alloc(32, 5).toString('base64');

/** A port that nobody listens on. */
function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(String(typeof address === 'object' ? address?.port : address)));
    });
  });
}

describe('the image', () => {
  let image: Image;
  let env: Record<string, string>;
  let service: Running | null = null;

  beforeAll(async () => {
    image = assembleImage();
    env = {
      ...image.env,
      PORT: await freePort(),
      HOST: '127.0.0.1',
      KEYROTATOR_MASTER_KEY: MASTER_KEY,
    };
  });
  afterAll(async () => {
    await service?.end('SIGKILL');
    rmSync(image.root, { recursive: true, force: true });
  });

  const files = () =>
    readdirSync(image.root, { recursive: true, encoding: 'utf8' })
      .filter((file) => !/^data\//.test(file))
      .sort();
  const check = (more: Record<string, string> = {}) => {
    const command = image.command(execForm(instruction('HEALTHCHECK')));
    return runCommand(command, { cwd: image.root, env: { ...env, ...more } });
  };
  const start = (more: Record<string, string> = {}) => {
    const command = image.command(execForm(instruction('CMD')));
    service = startCommand(command, { cwd: image.root, env: { ...env, ...more } });
    return service;
  };

  test('is built from files that there are, and that .dockerignore lets in', () => {
    const [first, ...letIn] = readDocument('.dockerignore').trim().split('\n');
    expect(first).toBe('*');
    expect(letIn.map((line) => line.replace('!', '')).sort()).toEqual([...new Set(COPIED)].sort());
    for (const path of COPIED) expect(existsSync(join(PROJECT, path)), path).toBe(true);
  });

  test('runs the service as a user that is not root, and says so by number', () => {
    expect(instruction('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test('has all that it takes to serve, to be asked for its health, and to stop, and writes only into its volume', async () => {
    const before = files();
    const running = start();
    await running.written(/KeyRotator serves at http:/);
    expect(await check()).toMatchObject({ code: 0, stderr: '' });
    expect(await running.end('SIGTERM')).toBe(0);
    expect(files()).toEqual(before);
    expect(readdirSync(join(image.root, instruction('VOLUME')))).toContain('keyrotator.db');
    expect(await check()).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
  });

  test('is asked for its health with TLS, too, whatever name the certificate is for', async () => {
    const { cert, key } = selfSignedCertificate('vault.example.com');
    mkdirSync(join(image.root, 'tls'));
    writeFileSync(join(image.root, 'tls/cert.pem'), cert);
    writeFileSync(join(image.root, 'tls/key.pem'), key);
    const withTls = { KEYROTATOR_TLS_CERT_FILE: 'tls/cert.pem', KEYROTATOR_TLS_KEY_FILE: 'tls/key.pem' };
    const running = start(withTls);
    await running.written(/KeyRotator serves at https:/);
    expect(await check(withTls)).toMatchObject({ code: 0, stderr: '' });
    expect(await check()).toMatchObject({ code: 1 });
    expect(await running.end('SIGTERM')).toBe(0);
  });
});

describe('compose.yaml', () => {
  const compose = readDocument('compose.yaml');

  test('asks for nothing that .env.example does not have', () => {
    const asked = [...compose.matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
    const offered = [...readDocument('.env.example').matchAll(/^(\w+)=/gm)].map((match) => match[1]);
    expect([...new Set(asked)].sort()).toEqual(offered.sort());
  });

  test('runs programs that the image has', () => {
    const paths = [...compose.matchAll(/"\/app\/([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect(existsSync(join(PROJECT, path)), path).toBe(true);
  });

  test('sets variables that there are', () => {
    const set = [...compose.matchAll(/^ +(KEYROTATOR_\w+):/gm)].map((match) => match[1] ?? '');
    expect(set.length).toBeGreaterThan(0);
    for (const name of set) expect(VARIABLES).toHaveProperty(name);
  });
});

test('npm start, the image and the systemd unit run Node with the same limits to its memory', () => {
  const flags = (text: string, before: RegExp) => before.exec(text)?.[1]?.match(/--[\w-]+=\w+/g) ?? [];
  const shipped = flags(readDocument('scripts/start'), /^exec node (.+) src\/main\.ts/m);
  expect(shipped).toHaveLength(2);
  expect(flags(readDocument('Dockerfile'), /^CMD (.+)$/m)).toEqual(shipped);
  expect(flags(readDocument('packaging/systemd/keyrotator.service'), /^ExecStart=(.+)$/m)).toEqual(shipped);
  for (const file of ['scripts/start', 'Dockerfile', 'packaging/systemd/keyrotator.service']) {
    expect(readDocument(file), file).toMatch(/MALLOC_ARENA_MAX=("\$\{MALLOC_ARENA_MAX:-)?2/);
  }
});

describe('the systemd unit', () => {
  const path = 'packaging/systemd/keyrotator.service';
  const unit = readDocument(path);

  test('starts a program that there is, with variables that there are', () => {
    const program = /^ExecStart=\/usr\/bin\/env node .*\/opt\/keyrotator\/(.+)$/m.exec(unit)?.[1] ?? '';
    expect(existsSync(join(PROJECT, program))).toBe(true);
    const set = [...unit.matchAll(/^Environment=(\w+)=/gm)].map((match) => match[1] ?? '');
    expect(set).toContain('KEYROTATOR_MASTER_KEY_FILE');
    for (const name of set) {
      if (name !== 'PATH' && name !== 'MALLOC_ARENA_MAX')
        expect(VARIABLES).toHaveProperty(name.replace(/_FILE$/, ''));
    }
  });

  test('hands over each secret that it was given', () => {
    const given = [...unit.matchAll(/^LoadCredential=([\w-]+):/gm)].map((match) => match[1]);
    const taken = [...unit.matchAll(/^Environment=\w+_FILE=%d\/([\w-]+)$/gm)].map((match) => match[1]);
    expect(given.length).toBeGreaterThan(0);
    expect(taken).toEqual(given);
  });

  test('has commands beside it that go by the same variables, secrets, user and program', () => {
    const beside = readDocument('packaging/systemd/keyrotator');
    const [database = ''] = /^DATABASE_URL=.+$/m.exec(beside) ?? [];
    expect(unit).toContain(`\nEnvironment=${database}\n`);
    const etc = /^etc=(.+)$/m.exec(beside)?.[1];
    for (const [, secret] of unit.matchAll(/^LoadCredential=([\w-]+):/gm)) {
      expect(unit).toContain(`\nLoadCredential=${secret}:${etc}/${secret}\n`);
      expect(beside).toContain(`cat "$etc/${secret}"`);
    }
    expect(unit).toContain(`\nEnvironmentFile=-${etc}/environment\n`);
    expect(unit).toContain(`\nUser=${/^user=(.+)$/m.exec(beside)?.[1]}\n`);
    expect(unit).toMatch(new RegExp(`^ExecStart=.* ${/^app=(.+)$/m.exec(beside)?.[1]}/src/main\\.ts$`, 'm'));
    const commands = /^ {2}([\w| -]+)\) shift/m.exec(beside)?.[1]?.split(' | ') ?? [];
    expect(commands).toHaveLength(3);
    for (const command of commands) expect(existsSync(join(PROJECT, `src/cli/${command}.ts`))).toBe(true);
  });

  test.skipIf(process.platform !== 'linux')(
    'has commands beside it that take nothing from whoever calls them, and refuse what they do not know',
    async () => {
      const run = (argument: string) =>
        runCommand([join(PROJECT, 'packaging/systemd/keyrotator'), argument], {
          cwd: PROJECT,
          env: { PATH: '/nowhere' },
        });
      const usage = expect.stringContaining('usage: keyrotator backup FILE');
      expect(await run('erase')).toMatchObject({ code: 64, stdout: '', stderr: usage });
      expect(await run('--help')).toMatchObject({ code: 0, stdout: usage, stderr: '' });
    },
  );

  test.skipIf(!hasCommand('systemd-analyze'))('is one that systemd understands', async () => {
    const ran = await runCommand(['systemd-analyze', 'verify', path], { cwd: PROJECT });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
  });
});
