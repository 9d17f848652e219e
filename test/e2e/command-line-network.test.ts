/** `./keyrotator` where the network or the vault is not as it should be. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/http-receiver.ts';
import { localScript } from '../support/local-command.ts';
import { type Ran, runCommand, startCommand } from '../support/run-command.ts';
import { selfSignedCertificate } from '../support/self-signed-certificate.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyrotator-network-'));
const TOKEN = 'krr_canary-of-the-admin';
let server: Receiver;

afterEach(() => server.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = () => ({
  KEYROTATOR_URL: `http://127.0.0.1:${server.port}`,
  KEYROTATOR_TOKEN: TOKEN,
  KEYROTATOR_CLIENT_TOKEN: TOKEN,
  KEYROTATOR_TENANT: 'acme',
});
const command = (args: readonly string[]): [string, ...string[]] => [
  process.execPath,
  localScript('keyrotator'),
  ...args,
];

/** Runs a command against a server that answers each request in turn, the last answer again and again. */
async function run(args: readonly string[], ...answers: RequestListener[]): Promise<Ran> {
  let at = 0;
  server = await startReceiver((request, response) =>
    answers[Math.min(at++, answers.length - 1)]?.(request, response),
  );
  return runCommand(command(args), { cwd: folder, env: environment() });
}

const answers =
  (status: number, body: object, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const later = (seconds: string) => answers(503, { error: 'storage unavailable' }, { 'retry-after': seconds });
const lost: RequestListener = (request) => request.socket.destroy();
const done = answers(200, { id: 7 });

describe('what is sent again', () => {
  test('a read that the vault puts off', async () => {
    expect(await run(['app', 'show', '7', '--quiet'], later('1'), done)).toEqual({
      code: 0,
      stdout: '7\n',
      stderr: '',
    });
    expect(server.requests).toHaveLength(2);
  });

  test('a creation, with the same idempotency key, also where its answer was lost and the first still runs', async () => {
    const running = answers(409, { error: 'conflict', detail: 'It is still running.' });
    const { code, stdout } = await run(['app', 'create', 'a', '--quiet'], lost, running, later('1'), done);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '7\n' });
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[\w-]{36}$/);
  });

  test('nothing for ever', async () => {
    const { code, stderr } = await run(['app', 'show', '7'], later('1'));
    expect({ code, stderr }).toEqual({
      code: 75,
      stderr: expect.stringMatching(/try again in 1 s \(503\)$/m),
    });
    expect(server.requests).toHaveLength(4);
  });

  test.each([
    ['what is put off for long', ['app', 'show', '7'], later('3600'), 75, /try again in 3600 s/],
    [
      'what is put off without saying for how long',
      ['app', 'show', '7'],
      answers(503, { error: 'x' }),
      75,
      /./,
    ],
    ['a change', ['app', 'update', '7', '--name', 'b'], later('1'), 75, /try again in 1 s/],
    [
      'a change that was lost',
      ['app', 'update', '7', '--name', 'b'],
      lost,
      69,
      /whether it was done is not known/,
    ],
    ['a deletion', ['app', 'delete', '7'], lost, 69, /whether it was done is not known/],
    ['a delivery that was lost: it may have been counted', ['get', 'openai'], lost, 69, /not known/],
    [
      'what is refused',
      ['app', 'create', 'a'],
      answers(409, { error: 'conflict' }),
      1,
      /^keyrotator: conflict \(409\)$/m,
    ],
  ] as const)('not %s', async (_what, args, answer, code, why) => {
    const ran = await run(args, answer);
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(why) });
    expect(server.requests).toHaveLength(1);
  });

  test('a delivery that was refused for a moment', async () => {
    const wait = answers(429, { error: 'rate limit exceeded' }, { 'retry-after': '1' });
    expect(await run(['get', 'openai'], wait, answers(200, { key: 'sk-1' }))).toEqual({
      code: 0,
      stdout: 'sk-1\n',
      stderr: '',
    });
  });
});

describe('what answers', () => {
  test.each<[string, RequestListener, number, RegExp]>([
    ['is another program', (_, response) => response.end('<html>'), 76, /is no KeyRotator/],
    [
      'is another program that refuses',
      (_, response) => response.writeHead(404).end('nothing'),
      76,
      /is no KeyRotator \(404\)/,
    ],
    [
      'leads elsewhere, where no token goes',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:2/' }).end(),
      76,
      /redirects elsewhere/,
    ],
    [
      'ends short',
      (_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '99' })
          .write('{', () => response.destroy()),
      69,
      /cannot be reached/,
    ],
  ])('%s', async (_what, answer, code, why) => {
    const ran = await run(['whoami'], answer);
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(why) });
    expect(ran.stderr).toMatch(/^keyrotator: .+\n$/);
    expect(ran.stderr).not.toContain(TOKEN);
  });

  test('has to be vouched for where it is https, before it gets the token', async () => {
    const certificate = selfSignedCertificate('127.0.0.1');
    const authority = join(folder, 'authority.pem');
    writeFileSync(authority, certificate.cert);
    server = await startReceiver(answers(200, { name: 'root' }), certificate);
    const whoami = (env: NodeJS.ProcessEnv) =>
      runCommand(command(['whoami']), {
        cwd: folder,
        env: { ...environment(), KEYROTATOR_URL: `https://127.0.0.1:${server.port}`, ...env },
      });
    expect(await whoami({})).toMatchObject({
      code: 69,
      stderr: expect.stringMatching(/certificate of its authority with NODE_EXTRA_CA_CERTS$/m),
    });
    expect(server.requests).toEqual([]);
    expect(await whoami({ NODE_EXTRA_CA_CERTS: authority })).toEqual({
      code: 0,
      stdout: 'name\troot\n',
      stderr: '',
    });
  });

  describe('to a list', () => {
    const page = (next_cursor: unknown) => answers(200, { data: [{ id: 1 }], next_cursor });

    test.each<[string, string[], RequestListener[], number]>([
      ['with one cursor for ever', [], [page('same')], 2],
      ['with one cursor for ever, as JSON', ['--json'], [page('same')], 2],
      ['with cursors in a circle', [], [page('a'), page('b'), page('c'), page('a')], 4],
      ['where --cursor began', ['--cursor', 'a'], [page('b'), page('a')], 2],
    ])('goes on %s: it is not followed', async (_what, options, pages, requests) => {
      const { code, stderr } = await run(['app', 'list', ...options], ...pages);
      expect({ code, stderr }).toEqual({
        code: 76,
        stderr: 'keyrotator: the vault led back to a page that was there before: the list is not whole\n',
      });
      expect(server.requests).toHaveLength(requests);
    });

    test.each<[string, object]>([
      ['without rows', { next_cursor: null }],
      ['without a cursor', { data: [{ id: 1 }] }],
    ])('is no page, %s', async (_what, body) => {
      expect(await run(['app', 'list'], answers(200, body))).toMatchObject({
        code: 76,
        stderr: expect.stringMatching(/is no page of a list/),
      });
      expect(server.requests).toHaveLength(1);
    });
  });

  test.each(['-5', 'soon', '99999999999'])(
    'has a Retry-After of %s, which nobody is told',
    async (garbage) => {
      const { code, stderr } = await run(['app', 'show', '7'], later(garbage));
      expect({ code, stderr }).toEqual({ code: 75, stderr: 'keyrotator: storage unavailable (503)\n' });
      expect(server.requests).toHaveLength(1);
    },
  );

  test('holds sequences for the terminal, which reach it as letters', async () => {
    const evil = '\x1b]0;owned\x07\r\nkeyrotator: \x9b31m<img onerror=1>';
    const rows = answers(200, { data: [{ id: 1, name: evil }], next_cursor: null });
    const refusal = answers(403, { error: evil, detail: evil, request_id: evil });
    for (const args of [
      ['app', 'list'],
      ['app', 'list', '--json'],
      ['app', 'show', '1'],
    ]) {
      const ran = await run(args, args[1] === 'show' ? refusal : rows);
      expect(ran.stdout + ran.stderr).toContain('<img onerror=1>');
      expect(ran.stdout + ran.stderr).not.toMatch(/[^\P{Cc}\n\t]/u);
      expect((ran.stdout + ran.stderr).split('\n')).toHaveLength(2);
      await server.close();
    }
  });
});

test('Ctrl-C ends an import with 130, and says how far it came', async () => {
  writeFileSync(join(folder, 'keys.csv'), 'label,key\nA,sk-canary\n');
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  server = await startReceiver(() => asked());
  const running = startCommand(command(['key', 'import', 'openai', 'keys.csv']), {
    cwd: folder,
    env: environment(),
  });
  await isAsked;
  expect(await running.end('SIGINT')).toBe(130);
  expect(running.output.text).toBe('keyrotator: interrupted: 0 of 1 rows were sent; import the file again\n');
});
