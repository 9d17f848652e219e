/** `./keyrotator` against a real vault: what it prints, and how it says what went wrong. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAuditEntries } from '../support/audit-entries.ts';
import { type Furnished, PROVIDER_KEY, startFurnished } from '../support/command-line.ts';
import { localScript } from '../support/local-command.ts';
import { readDocument } from '../support/markdown.ts';
import { runShell } from '../support/run-command.ts';

let it: Furnished;

beforeAll(async () => {
  it = await startFurnished();
});
afterAll(() => it.vault.stop());

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const get = async (path: string) => (await it.vault.admin('GET', path)).text;

describe('what is not done is told in one line, with an exit code, and nothing on standard output', () => {
  test.each<[string, string[], number, RegExp, NodeJS.ProcessEnv?, string?]>([
    [
      'no token',
      ['whoami'],
      78,
      /there is no admin token: set KEYROTATOR_TOKEN_FILE/,
      { KEYROTATOR_TOKEN: undefined },
    ],
    ['an empty token', ['whoami'], 78, /KEYROTATOR_TOKEN is empty/, { KEYROTATOR_TOKEN: '' }],
    ['two tokens', ['whoami'], 78, /are both set: keep one/, { KEYROTATOR_TOKEN_FILE: 'key.txt' }],
    [
      'a token with a line break',
      ['whoami'],
      78,
      /that is no token/,
      { KEYROTATOR_TOKEN: 'krr_1\nX-Evil: 1' },
    ],
    [
      'a wrong token',
      ['whoami'],
      77,
      /unauthorized: .*look at KEYROTATOR_TOKEN.* \(401, request \S+\)/,
      { KEYROTATOR_TOKEN: 'krr_wrong' },
    ],
    ['no file with a token', ['whoami', '--token-file', 'none'], 66, /none cannot be read \(ENOENT\)/],
    [
      'an address that is none',
      ['whoami', '--url', 'vault'],
      78,
      /must be like https:\/\/vault\.example\.com/,
    ],
    ['an address with a password', ['whoami', '--url', 'https://a:hunter2@localhost'], 78, /without a user/],
    [
      'nobody there',
      ['whoami', '--url', 'http://127.0.0.1:2'],
      69,
      /cannot be reached \(\S+\): start the vault/,
    ],
    [
      'no tenant',
      ['service', 'list'],
      64,
      /root reaches every tenant: name the one/,
      { KEYROTATOR_TENANT: undefined },
    ],
    [
      'another tenant',
      ['service', 'list', '--tenant', 'nobody'],
      1,
      /not found: .*; asked for \/admin\/v1\/tenants\/nobody\/services \(404, request \S+\)/,
    ],
    ['another service', ['key', 'list', 'nothing'], 1, /not found: /],
    ['a slug that leads elsewhere', ['service', 'show', '..'], 64, /SERVICE takes a slug/],
    ['a number that is none', ['app', 'show', '../1'], 64, /ID takes its number/],
    [
      'a value that the vault does not take',
      ['service', 'create', 'new', '--timezone', 'Mars/Base'],
      65,
      /--timezone: must be a time zone/,
    ],
    [
      'an argument that the vault does not take',
      ['webhook', 'create', 'ftp://x', '--events', '*'],
      65,
      /: URL: must be an https/,
    ],
    ['another one', ['email', 'create', 'nobody'], 65, /: ADDRESS: /],
    ['an address in a list', ['app', 'create', 'a', '--allowed-ips', '10.0.0.1/8'], 65, /--allowed-ips\/0: /],
    [
      'a value that no option takes',
      ['service', 'update', 'openai', '--policy', 'random'],
      64,
      /--policy takes one of manual, time/,
    ],
    [
      'a number in words',
      ['service', 'update', 'openai', '--max-daily-requests', 'many'],
      64,
      /takes a whole number/,
    ],
    ['nothing to change', ['service', 'update', 'openai'], 64, /there is nothing to change/],
    ['no such command', ['service', 'destroy', 'openai'], 64, /there is no such command/],
    ['no command', ['service'], 64, /name a command/],
    ['a tag without a name', ['app', 'list', '--tag', '=search'], 64, /--tag takes name=value, or a name/],
    ['no such option', ['service', 'list', '--colour=sk-canary'], 64, /unknown option '--colour'/],
    [
      'a key as an option',
      ['key', 'create', 'openai', 'A', '--key', 'sk-canary'],
      64,
      /unknown option '--key'/,
    ],
    [
      'a key as an option, with a sign',
      ['key', 'create', 'openai', 'A', '--key=sk-canary'],
      64,
      /unknown option '--key'/,
    ],
    ['a key as an argument', ['key', 'create', 'openai', 'A', 'sk-canary'], 64, /too many arguments/],
    ['no key', ['key', 'create', 'openai', 'A'], 64, /--key-file PATH, or on standard input, --key-file -/],
    ['no file with a key', ['key', 'create', 'openai', 'A', '--key-file', 'none'], 66, /none cannot be read/],
    ['an empty key', ['key', 'create', 'openai', 'A', '--key-file', '-'], 65, /nothing was given/],
    [
      'a key of two lines',
      ['key', 'create', 'openai', 'A', '--key-file', '-'],
      65,
      /--key: must not hold control/,
      {},
      'sk-canary\nsk-canary\n',
    ],
    [
      'token and key both from standard input',
      ['key', 'create', 'openai', 'A', '--key-file', '-', '--token-file', '-'],
      64,
      /standard input can be read once/,
      {},
      'sk-canary',
    ],
    ['what is there already', ['service', 'create', 'openai'], 1, /conflict: /],
    ['a burning not confirmed', ['key', 'burn', 'openai', '1', '--reason', 'x'], 64, /say --yes if that is/],
    ['a deletion not confirmed', ['tenant', 'delete', 'acme'], 64, /add --confirm acme/],
    [
      'a deletion confirmed of another',
      ['service', 'delete', 'openai', '--confirm', 'anthropic'],
      64,
      /add --confirm openai/,
    ],
    [
      'no client token',
      ['get', 'openai'],
      78,
      /there is no token to get a key with/,
      { KEYROTATOR_CLIENT_TOKEN: undefined },
    ],
    [
      'a refused app token, beside a client token',
      ['get', 'openai'],
      77,
      /invalid token: /,
      { KEYROTATOR_APP_TOKEN: 'kra_wrong' },
    ],
    ['no such service to get a key of', ['get', 'nothing'], 1, /unknown service: /],
    ['a service without keys', ['get', 'anthropic'], 75, /no active keys/],
  ])('%s', async (_what, args, code, why, env = {}, input = '') => {
    const ran = await it.run(args, { env, input });
    expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(why) });
    expect(ran.stderr).toMatch(/^keyrotator: .+\n$/);
    expect(ran.stderr).not.toContain('canary');
    expect(ran.stderr).not.toContain('hunter2');
  });

  test('a client token where an admin token belongs', async () => {
    const ran = await it.run(['whoami'], { env: { KEYROTATOR_TOKEN: it.clientToken } });
    expect(ran).toMatchObject({ code: 78, stderr: expect.stringMatching(/a client token, which gets keys/) });
    expect(ran.stderr).not.toContain(it.clientToken);
  });

  test('what a role does not reach', async () => {
    const made = await it.run(['token', 'create', 'viewer', '--role', 'viewer', '--quiet']);
    const env = { KEYROTATOR_TOKEN: made.stdout.trim(), KEYROTATOR_TENANT: undefined };
    expect(await it.run(['service', 'enable', 'openai'], { env })).toMatchObject({ code: 77 });
    // The tenant is the token's own.
    expect(await it.run(['service', 'show', 'openai', '--quiet'], { env })).toMatchObject({
      code: 0,
      stdout: 'openai\n',
    });
  });

  test('an address beyond this machine that is not https, beside', async () => {
    const { code, stderr } = await it.run(['whoami', '--url', 'http://vault.invalid:8080']);
    expect(code).toBe(69);
    expect(lines(stderr)[0]).toMatch(/warning: http:\/\/vault\.invalid:8080 is not https/);
    for (const url of [it.vault.url, it.vault.url.replace('127.0.0.1', 'localhost')]) {
      expect((await it.run(['whoami', '--url', url])).stderr).toBe('');
    }
  });
});

describe('what is shown once', () => {
  test('is all that --quiet prints, and works', async () => {
    const app = await it.run(['app', 'create', 'worker', '--services', 'openai', '--quiet']);
    expect(app).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^kra_\w+\n$/) });
    const got = await it.run(['get', 'openai'], { env: { KEYROTATOR_APP_TOKEN: app.stdout.trim() } });
    expect(got).toEqual({ code: 0, stdout: 'sk-1-0123456789abcdef\n', stderr: '' });
  });

  test('signs what an app for signed requests asks for', async () => {
    const made = await it.run([
      'app',
      'create',
      'signing',
      '--services',
      'all',
      '--require-signature',
      '--quiet',
    ]);
    const [token = '', secret = ''] = lines(made.stdout);
    const env = { KEYROTATOR_APP_TOKEN: token, KEYROTATOR_SIGNING_SECRET: secret };
    expect(await it.run(['get', 'openai'], { env })).toMatchObject({ code: 0, stderr: '' });
    expect(await it.run(['get', 'openai', '--mask'], { env })).toMatchObject({ code: 0, stderr: '' });
    for (const [wrong, why] of [
      [undefined, /invalid signature: .*set KEYROTATOR_SIGNING_SECRET_FILE or KEYROTATOR_SIGNING_SECRET/],
      ['krs_wrong', /invalid signature: .*KEYROTATOR_SIGNING_SECRET is the secret that belongs to the app/],
    ] as const) {
      const ran = await it.run(['get', 'openai'], { env: { ...env, KEYROTATOR_SIGNING_SECRET: wrong } });
      expect(ran).toMatchObject({ code: 77, stderr: expect.stringMatching(why) });
    }
  });

  test('is printed beside the rest, with a hint on standard error', async () => {
    const { stdout, stderr } = await it.run(['webhook', 'create', 'https://example.com/x', '--events', '*']);
    expect(stdout).toMatch(/^secret\twhsec_\S+$/m);
    expect(stderr).toMatch(/^keyrotator: secret: shown this once/);
  });

  test('is sent again with the same idempotency key, and made once', async () => {
    const args = ['app', 'create', 'once', '--quiet', '--idempotency-key', 'run-7'];
    const [first, second] = [await it.run(args), await it.run(args)];
    expect(second).toEqual(first);
    expect(lines((await it.run(['app', 'list', '--q', 'once'])).stdout)).toHaveLength(1);
  });
});

describe('what comes of a command', () => {
  test('is the id of the message of a test, where --quiet is said', async () => {
    const { stdout } = await it.run(['webhook', 'test', '1', '--quiet']);
    expect(stdout).toMatch(/^msg_\w+\n$/);
  });

  test('is said of a test of a webhook that is switched off, with the command that helps', async () => {
    await it.run(['webhook', 'disable', '1']);
    const { code, stderr } = await it.run(['webhook', 'test', '1']);
    await it.run(['webhook', 'enable', '1']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/webhook enable \(409/) });
  });

  test('is said of who holds a key, and whether all of them have been given another one', async () => {
    const plain = await it.run(['key', 'holders', 'openai', '1']);
    expect(plain.stdout).toMatch(/^127\.0\.0\.1\t/);
    expect(plain.stderr).toBe('keyrotator: drained: false, drained_at: none\n');
    const { stdout } = await it.run(['key', 'holders', 'openai', '1', '--json']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await get('/tenants/acme/services/openai/keys/1/holders')));
    expect(JSON.parse(stdout)).toMatchObject({ drained: false, drained_at: null });
  });

  test('is said of a key that is burned and that nobody had', async () => {
    const key = ['key', 'create', 'anthropic', 'Leaked', '--key-file', '-', '--quiet'];
    const id = (await it.run(key, { input: 'sk-leaked-0123456789abcdef' })).stdout.trim();
    expect(await it.run(['key', 'burn', 'anthropic', id, '--reason', 'leaked', '--yes'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'keyrotator: it is burned, and nobody was ever handed it\n',
    });
  });
});

describe('lists', () => {
  beforeAll(async () => {
    for (let at = 0; at < 230; at++) {
      await it.vault.admin('POST', '/tenants/acme/groups', { slug: `page-${String(at).padStart(3, '0')}` });
    }
  });

  test('follow all pages, a line for each row, cells between tabs', async () => {
    const { code, stdout, stderr } = await it.run(['group', 'list', '--q', 'page-']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines(stdout)).toHaveLength(230);
    expect(new Set(lines(stdout).map((line) => line.split('\t').length))).toEqual(new Set([4]));
  });

  test('are one document of JSON, the vault says nothing else', async () => {
    const { stdout } = await it.run(['group', 'list', '--q', 'page-', '--json']);
    const { data, next_cursor } = JSON.parse(stdout);
    expect(next_cursor).toBeNull();
    expect(new Set(data.map(({ slug }: { slug: string }) => slug)).size).toBe(230);
    const one = await it.run(['group', 'list', '--limit', '3', '--json']);
    expect(one.stdout).toBe(`${await get('/tenants/acme/groups?limit=3')}\n`);
  });

  test('end where --limit says, and go on from there', async () => {
    const first = JSON.parse((await it.run(['group', 'list', '--limit', '201', '--json'])).stdout);
    expect(first.data).toHaveLength(201);
    const rest = await it.run(['group', 'list', '--cursor', first.next_cursor, '--json']);
    const all = JSON.parse((await it.run(['group', 'list', '--json'])).stdout);
    expect([...first.data, ...JSON.parse(rest.stdout).data]).toEqual(all.data);
  });

  test('are nothing where there is nothing, and JSON is a list all the same', async () => {
    expect(await it.run(['group', 'list', '--q', 'nowhere'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stdout } = await it.run(['group', 'list', '--q', 'nowhere', '--json']);
    expect(JSON.parse(stdout)).toEqual({ data: [], next_cursor: null });
  });

  test('come whole to a reader that takes its time', async () => {
    await addAuditEntries(it.vault.engine, 'acme', { count: 1_000 });
    const command = `'${process.execPath}' '${localScript('keyrotator')}' audit export`;
    const { stdout } = await runShell(`${command} | (sleep 1; wc -l)`, { cwd: it.folder, env: it.env });
    expect(Number(stdout)).toBeGreaterThan(1_000);
  });

  test('end quietly when their reader has left', async () => {
    const command = `'${process.execPath}' '${localScript('keyrotator')}' group list`;
    const { stdout, stderr } = await runShell(
      `set +o pipefail; ${command} | true; echo "\${PIPESTATUS[0]}"; ${command} | head -1 | wc -l`,
      {
        cwd: it.folder,
        env: it.env,
      },
    );
    expect({ stdout, stderr }).toEqual({ stdout: '141\n1\n', stderr: '' });
  });
});

test('the version is told, and nothing else', async () => {
  const { version } = JSON.parse(readDocument('package.json'));
  for (const option of ['--version', '-V'])
    expect(await it.run([option])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('what was tagged is found by the tag as it was given', async () => {
  const found = async (tag: string) =>
    (await it.run(['key', 'list', 'openai', '--tag', tag, '--quiet'])).stdout;
  expect(lines(await found('old=yes'))).toHaveLength(3);
  expect(await found('old=no')).toBe('');
});

test('a test of a webhook says where to see what became of it, unless it is to be quiet', async () => {
  const { code, stdout, stderr } = await it.run(['webhook', 'test', '1']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^message_id\tmsg_\w+\n$/) });
  expect(stderr).toMatch(/^keyrotator: .*webhook-id.*webhook deliveries.*\n$/);
  expect(await it.run(['webhook', 'test', '1', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
});

describe('a thing', () => {
  test('is a line for each member, or what the vault answers', async () => {
    const { stdout } = await it.run(['service', 'show', 'openai']);
    expect(stdout).toMatch(/^slug\topenai$/m);
    expect((await it.run(['service', 'show', 'openai', '--json'])).stdout).toBe(
      `${await get('/tenants/acme/services/openai')}\n`,
    );
  });

  test('is changed where it still is what was seen', async () => {
    const etag = /^etag\t(.+)$/m.exec((await it.run(['service', 'show', 'anthropic'])).stdout)?.[1] ?? '';
    const change = (name: string, tag: string) =>
      it.run(['service', 'update', 'anthropic', '--name', name, '--if-match', tag]);
    expect(await change('Claude', etag)).toMatchObject({ code: 0 });
    expect(await change('Other', etag.replaceAll('"', ''))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/precondition failed: .*show it again/),
    });
    expect(JSON.parse(await get('/tenants/acme/services/anthropic')).name).toBe('Claude');
  });

  test('loses a limit, tags and addresses', async () => {
    const { id } = JSON.parse(
      (
        await it.run([
          'app',
          'create',
          'bare',
          '--json',
          '--max-daily-requests',
          '5',
          '--tags',
          'a=1',
          '--tags',
          'b=2',
          '--allowed-ips',
          '10.0.0.1,10.0.0.2',
          '--allowed-user-agents',
          'a, b*',
          '--allowed-user-agents',
          'c',
        ])
      ).stdout,
    );
    expect(JSON.parse(await get(`/tenants/acme/apps/${id}`))).toMatchObject({
      max_daily_requests: 5,
      tags: { a: '1', b: '2' },
      allowed_ips: ['10.0.0.1', '10.0.0.2'],
      allowed_user_agents: ['a, b*', 'c'],
    });
    await it.run([
      'app',
      'update',
      `${id}`,
      '--max-daily-requests',
      'none',
      '--tags',
      '',
      '--allowed-ips',
      '',
      '--allowed-user-agents',
      '',
    ]);
    expect(JSON.parse(await get(`/tenants/acme/apps/${id}`))).toMatchObject({
      max_daily_requests: null,
      tags: {},
      allowed_ips: [],
      allowed_user_agents: [],
    });
  });

  test('is deleted with everything in it once its slug was said again', async () => {
    expect(await it.run(['tenant', 'create', 'gone', '--quiet'])).toMatchObject({ code: 0 });
    expect(await it.run(['tenant', 'delete', 'gone', '--confirm', 'gone'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
    expect((await it.vault.admin('GET', '/tenants/gone')).status).toBe(404);
  });

  test('is told of in the audit trail of the vault when it is gone, which --tenant narrows and the environment does not', async () => {
    await it.run(['tenant', 'create', 'was-here', '--quiet']);
    await it.run(['tenant', 'delete', 'was-here', '--confirm', 'was-here']);
    const told = async (args: string[]) => {
      const { code, stdout } = await it.run(['audit', 'list-all', ...args]);
      expect(code).toBe(0);
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t').slice(2, 4).join(' '));
    };
    const gone = ['was-here tenant.deleted', 'was-here tenant.created'];
    expect(await told(['--tenant', 'was-here'])).toEqual(gone);
    expect(await told(['--limit', '2'])).toEqual(gone);
    const { stdout } = await it.run(['audit', 'export-all', '--tenant', 'was-here']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(await it.run(['audit', 'list-all', '--tenant', 'No!'])).toMatchObject({ code: 64 });
  });
});

test('a key comes from a file or standard input, and is never in the output', async () => {
  writeFileSync(join(it.folder, 'crlf.txt'), 'sk-crlf-0123456789abcdef\r\n');
  const made = [
    await it.run(['key', 'create', 'anthropic', 'File', '--key-file', 'key.txt']),
    await it.run(['key', 'create', 'anthropic', 'Lines', '--key-file', 'crlf.txt', '--json']),
    await it.run(['key', 'create', 'anthropic', 'Typed', '--key-file', '-'], {
      input: 'sk-piped-0123456789abcdef',
    }),
  ];
  for (const { code, stdout, stderr } of made) {
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/sk-(?:typed|crlf|piped)/);
  }
  expect(await it.run(['get', 'anthropic'])).toEqual({ code: 0, stdout: `${PROVIDER_KEY}\n`, stderr: '' });
  const masked = await it.run(['get', 'anthropic', '--mask']);
  expect(masked.stdout).toMatch(/^sk-\u2022{24}cdef\n$/);
  expect(JSON.parse((await it.run(['get', 'anthropic', '--json'])).stdout)).toMatchObject({
    service: 'anthropic',
    masked: false,
  });
});
