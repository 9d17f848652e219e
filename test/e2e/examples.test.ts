/**
 * The examples of the API as somebody would type them: those of the README, and the ways in which a client of the original
 * guide asks, with curl, Node and Python.
 */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeBlock, codeBlocks, PROJECT, readDocument } from '../support/markdown.ts';
import { hasCommand, type Ran, runCommand, runShell, startCommand } from '../support/run-command.ts';
import { administer, type RunningService, runService } from '../support/run-service.ts';

const README = readDocument('README.md');
const ADDRESS = 'http://127.0.0.1:8080';
const KEY = 'sk-examples-0123456789abcdef';
const MASKED = `sk-${'\u2022'.repeat(24)}cdef`;
const folder = mkdtempSync(join(tmpdir(), 'keyrotator-examples-'));
let service: RunningService;
let env: { KEYROTATOR_CLIENT_TOKEN: string };
let appToken: string;

beforeAll(async () => {
  service = await runService({
    cwd: folder,
    env: { KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.0/8', LOG_LEVEL: 'error' },
  });
  const tenant = await administer(service, 'POST', '/tenants', { slug: 'acme' });
  env = { KEYROTATOR_CLIENT_TOKEN: tenant.client_token };
  await administer(service, 'POST', '/tenants/acme/services', { slug: 'openai' });
  await administer(service, 'POST', '/tenants/acme/services/openai/keys', { label: 'Primary', key: KEY });
  const app = await administer(service, 'POST', '/tenants/acme/apps', { name: 'worker', services: 'all' });
  appToken = app.app_token;
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(async () => {
  expect(await service.end('SIGTERM')).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

function node(program: string, environment: NodeJS.ProcessEnv = env): Promise<Ran> {
  const file = join(folder, 'example.mjs');
  writeFileSync(file, program.replaceAll(ADDRESS, service.url));
  return runCommand([process.execPath, file], { cwd: folder, env: environment });
}

function python(program: string): Promise<Ran> {
  return runCommand(['python3', '-c', program.replaceAll(ADDRESS, service.url)], { cwd: folder, env });
}

/** What the guide's clients ask for: the token in the query, at either path. */
const QUERIES = ['/api/next', '/api/next.php'].flatMap(
  (path) =>
    [
      [`${path}?service=openai&token=…`, (token: string) => `${path}?service=openai&token=${token}`, KEY],
      [`${path}?…&mask=1`, (token: string) => `${path}?service=openai&token=${token}&mask=1`, MASKED],
      [`${path}?…&app_token=…`, () => `${path}?service=openai&app_token=${appToken}`, KEY],
    ] as const,
);

describe('a signed request', () => {
  test('is made by the program of docs/api.md', async () => {
    const members = { name: 'signing', services: 'all', require_signature: true };
    const app = await administer(service, 'POST', '/tenants/acme/apps', members);
    const secrets = { KEYROTATOR_APP_TOKEN: app.app_token, KEYROTATOR_SIGNING_SECRET: app.signing_secret };
    const program = codeBlock(readDocument('docs/api.md'), 'Signed requests', 'js');
    const { stdout } = await node(program, secrets);
    expect(stdout).toContain(`key: '${KEY}'`);
    const refused = await node(program, { ...secrets, KEYROTATOR_SIGNING_SECRET: 'another' });
    expect(refused.stdout).toContain('invalid signature');
  });
});

describe('curl', () => {
  const [header = '', original = ''] = codeBlocks(README)
    .filter(({ heading, language }) => heading === 'From your code' && language === 'sh')
    .map(({ text }) => text);

  test("the README's command gets the key", async () => {
    const { code, stdout } = await runShell(header.replaceAll(ADDRESS, service.url), { cwd: folder, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ key: KEY, masked: false });
  });

  test('a key is got and reported on by the commands of the README', async () => {
    const commands = codeBlock(README, 'Reporting what became of it', 'sh').replaceAll(ADDRESS, service.url);
    const { code, stdout } = await runShell(commands, { cwd: folder, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ key_id: 1, state: 'active', cooling_until: null });
  });

  test("the original guide's command gets the key, masked", async () => {
    const { code, stdout } = await runShell(original.replaceAll(ADDRESS, service.url), { cwd: folder, env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ key: MASKED, masked: true });
  });

  test.each(QUERIES)('%s', async (_name, path, key) => {
    const { stdout } = await runCommand(['curl', '-s', service.url + path(env.KEYROTATOR_CLIENT_TOKEN)], {
      cwd: folder,
    });
    expect(JSON.parse(stdout).key).toBe(key);
  });
});

describe('Node', () => {
  const example = `${codeBlock(README, 'From your code', 'js')}process.stdout.write(apiKey);`;

  test("the README's program gets the key", async () => {
    expect(await node(example)).toEqual({ code: 0, stdout: KEY, stderr: '' });
  });

  test("the README's program says why it was refused", async () => {
    const { code, stderr } = await node(example, { KEYROTATOR_CLIENT_TOKEN: 'krc_wrong' });
    expect(code).toBe(1);
    expect(stderr).toContain('KeyRotator: 403 invalid token');
  });

  test.each(QUERIES)('%s', async (_name, path, key) => {
    const url = ADDRESS + path(env.KEYROTATOR_CLIENT_TOKEN);
    const { stdout } = await node(
      `const res = await fetch(${JSON.stringify(url)});
      const data = await res.json();
      const apiKey = data.key;
      process.stdout.write(apiKey);`,
    );
    expect(stdout).toBe(key);
  });
});

describe.skipIf(!hasCommand('python3'))('Python', () => {
  const example = `${codeBlock(README, 'From your code', 'python')}\nprint(api_key, end="")`;

  test("the README's program gets the key", async () => {
    expect(await python(example)).toEqual({ code: 0, stdout: KEY, stderr: '' });
  });

  test.each(QUERIES)('%s', async (_name, path, key) => {
    const [, query = ''] = path(env.KEYROTATOR_CLIENT_TOKEN).split('?');
    const [url] = path('').split('?');
    const { stdout } = await python(
      [
        'import json, sys, urllib.parse, urllib.request',
        `params = dict(urllib.parse.parse_qsl("${query}"))`,
        `url = "${ADDRESS}${url}?" + urllib.parse.urlencode(params)`,
        'data = json.load(urllib.request.urlopen(url))',
        'sys.stdout.buffer.write(data["key"].encode())',
      ].join('\n'),
    );
    expect(stdout).toBe(key);
  });
});

test("the README's receiver is told of a delivery, and believes it", async () => {
  // A free port instead of 3000, told on standard output.
  const program = codeBlock(README, 'Webhooks', 'js').replace(
    'server.listen(3000);',
    "server.listen(0, '127.0.0.1', () => console.log('port', server.address().port));",
  );
  writeFileSync(join(folder, 'receiver.mjs'), program);
  // The receiver needs the secret to start, and the webhook the port: it gets the real one by a change.
  const made = await administer(service, 'POST', '/tenants/acme/webhooks', {
    url: 'http://127.0.0.1:1/hook',
    events: ['key.delivered'],
  });
  const receiver = startCommand([process.execPath, 'receiver.mjs'], {
    cwd: folder,
    env: { WEBHOOK_SECRET: made.secret },
  });
  try {
    const [, port] = await receiver.written(/port (\d+)/);
    const hook = `/tenants/acme/webhooks/${made.id}`;
    await administer(service, 'PATCH', hook, { url: `http://127.0.0.1:${port}/hook` });
    await fetch(`${service.url}/api/next?service=openai&token=${env.KEYROTATOR_CLIENT_TOKEN}`);
    const [told] = await receiver.written(/key\.delivered \{[\s\S]*?\}/);
    expect(told).toContain("service: 'openai'");
    expect(told).not.toContain(KEY);
  } finally {
    await receiver.end('SIGTERM');
  }
});
