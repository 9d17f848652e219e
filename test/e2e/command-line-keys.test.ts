/** Keys by the thousand into a real vault, and one out of it into a program. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Furnished, startFurnished } from '../support/command-line.ts';
import { startReceiver } from '../support/http-receiver.ts';
import { localScript } from '../support/local-command.ts';
import { hasCommand, runCommand, startCommand } from '../support/run-command.ts';

let it: Furnished;

beforeAll(async () => {
  it = await startFurnished();
});
afterAll(() => it.vault.stop());

const inFolder = (name: string, text: string) => {
  writeFileSync(join(it.folder, name), text);
  return name;
};
const fresh = async (slug: string) => {
  await it.vault.admin('POST', '/tenants/acme/services', { slug });
  return slug;
};
const keysOf = async (slug: string) =>
  (await it.vault.admin('GET', `/tenants/acme/services/${slug}`)).body.keys;

describe('key import', () => {
  const CSV = [
    'label,key,weight',
    ...Array.from({ length: 5_000 }, (_, at) => `Key ${at + 1},sk-many-canary-${at + 1},2`),
  ];

  test('takes 5,000 rows, tells the wrong ones by their row and line, and may be repeated', async () => {
    const service = await fresh('many');
    const rows = [...CSV];
    rows[2_500] = 'Key 2500,,2';
    rows[4_000] = 'Key 4000,sk-many-canary-10,2';
    rows[4_321] = 'Key 4321,sk-many-canary-4321,heavy';
    const file = inFolder('many.csv', rows.join('\r\n'));
    const first = await it.run(['key', 'import', service, file]);
    expect(first.stdout).toBe('added 4997, already there 1, wrong 2\n');
    expect(first.stderr.split('\n')).toEqual([
      'keyrotator: row 2500 (line 2501): key: must not be empty',
      expect.stringMatching(/^keyrotator: row 4321 \(line 4322\): weight: must be a whole number$/),
      'keyrotator: 2 of 5000 rows are wrong: correct them and import the file again',
      '',
    ]);
    expect(first.code).toBe(1);
    expect(await keysOf(service)).toBe(4_997);

    const second = await it.run(['key', 'import', service, inFolder('right.csv', CSV.join('\n'))]);
    expect(second).toEqual({ code: 0, stdout: 'added 3, already there 4997, wrong 0\n', stderr: '' });
    expect(await keysOf(service)).toBe(5_000);
  });

  test('says of each row what became of it, in the numbering of the file', async () => {
    const service = await fresh('rows');
    const keys = Array.from({ length: 1_200 }, (_, at) => ({
      label: `Key ${at}`,
      key: `sk-rows-canary-${at}`,
    }));
    keys[1_150] = { label: 'twice', key: 'sk-rows-canary-1149' };
    const { code, stdout, stderr } = await it.run(['key', 'import', service, '-', '--json'], {
      input: JSON.stringify(keys),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { added, rows } = JSON.parse(stdout);
    expect(added).toBe(1_199);
    expect(rows.map(({ row }: { row: number }) => row)).toEqual(keys.map((_, at) => at + 1));
    const error = expect.stringMatching(/^the same key as (?:row 1150|key \d+ of the service)$/);
    expect(rows[1_150]).toEqual({ row: 1_151, error });
  });

  test('tells no more than twenty rows, and that there are others', async () => {
    const rows = Array.from({ length: 30 }, () => ',').join('\n');
    const { code, stderr } = await it.run([
      'key',
      'import',
      await fresh('wrong'),
      inFolder('wrong.csv', `label,key\n${rows}`),
    ]);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(21);
    expect(stderr).toMatch(/30 of 30 rows are wrong, --json tells all of them: correct them/);
  });

  test('adds nothing of a file that cannot be read to its end, or to a service that there is not', async () => {
    const service = await fresh('whole');
    const broken = inFolder('broken.csv', `${CSV.join('\n')}\nA,"sk-many-canary`);
    for (const [args, code, why] of [
      [[service, broken], 65, /broken\.csv is not CSV .*line 50/],
      [
        [service, inFolder('heading.csv', 'sk-many-canary,a\nb,c\n')],
        65,
        /nothing was added: invalid request: The first line names the columns/,
      ],
      [['nothing', inFolder('good.csv', CSV.slice(0, 9).join('\n'))], 1, /nothing was added: not found/],
      [[service, 'none.csv'], 66, /none\.csv cannot be read/],
    ] as const) {
      const ran = await it.run(['key', 'import', ...args]);
      expect(ran).toMatchObject({ code, stderr: expect.stringMatching(why) });
      expect(ran.stderr).toMatch(/^keyrotator: .+\n$/);
      expect(ran.stdout + ran.stderr).not.toContain('canary');
    }
    expect(await keysOf(service)).toBe(0);
  });

  test('counts each row once where an answer is lost on the way', async () => {
    const service = await fresh('lossy');
    let answered = 0;
    const between = await startReceiver(async (request, response) => {
      const { method = '', url = '', headers } = request;
      const last = between.requests.at(-1);
      const reply = await it.vault.request(url, {
        method,
        headers: {
          authorization: headers.authorization ?? '',
          'content-type': headers['content-type'] ?? '',
          'idempotency-key': String(headers['idempotency-key']),
        },
        body: last?.body ?? '',
      });
      answered += 1;
      if (answered === 2) return void request.socket.destroy();
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.text);
    });
    const file = inFolder('lossy.csv', CSV.slice(0, 2_501).join('\n'));
    const ran = await it.run(['key', 'import', service, file], {
      env: { KEYROTATOR_URL: `http://127.0.0.1:${between.port}` },
    });
    await between.close();
    expect(ran).toEqual({ code: 0, stdout: 'added 2500, already there 0, wrong 0\n', stderr: '' });
    expect(answered).toBe(4);
    expect(await keysOf(service)).toBe(2_500);
  });
});

describe('exec', () => {
  const KEY = 'sk-1-0123456789abcdef';
  const withKey = (...command: string[]) => ['exec', 'openai', '--env', 'OPENAI_API_KEY', '--', ...command];
  const delivered = async () =>
    (await it.vault.admin('GET', '/tenants/acme/services/openai')).body.usage_today;

  test('gives a command the key, and nothing of the vault', async () => {
    const env = { KEYROTATOR_TOKEN_FILE: undefined, KEYROTATOR_APP_TOKEN: undefined, OTHER: 'kept' };
    const { code, stdout, stderr } = await it.run(withKey('env'), { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^OPENAI_API_KEY=${KEY}$`, 'm'));
    expect(stdout).toMatch(/^OTHER=kept$/m);
    expect(stdout).not.toContain('KEYROTATOR');
    expect(stdout).not.toContain(it.clientToken);
    expect(stdout).not.toContain(it.vault.rootToken);
  });

  test('passes on arguments, input and the exit code', async () => {
    const script = 'cat; printf "%s|" "$@"; test -n "$OPENAI_API_KEY" && exit 7';
    const ran = await it.run(withKey('sh', '-c', script, 'sh', '--json', 'a b', '$HOME'), {
      input: 'typed\n',
    });
    expect(ran).toEqual({ code: 7, stdout: 'typed\n--json|a b|$HOME|', stderr: '' });
  });

  test.skipIf(!hasCommand('ps'))(
    'becomes the command: a signal is its own, and no list of processes shows the key',
    async () => {
      const script = 'trap "echo ended; exit 5" TERM; echo "I am $$"; while :; do sleep 0.05; done';
      const running = startCommand(
        [process.execPath, localScript('keyrotator'), ...withKey('sh', '-c', script)],
        {
          cwd: it.folder,
          env: it.env,
        },
      );
      const [, pid = ''] = await running.written(/I am (\d+)/);
      const shown = await runCommand(['ps', '-eo', 'args'], { cwd: it.folder });
      expect(shown.stdout).toMatch(/^sh -c trap "echo ended; exit 5" TERM; echo "I am \$\$"/m);
      for (const secret of [KEY, it.clientToken, it.vault.rootToken])
        expect(shown.stdout).not.toContain(secret);
      const parent = await runCommand(['ps', '-o', 'ppid=', '-p', pid], { cwd: it.folder });
      expect(Number(parent.stdout)).toBe(process.pid);
      process.kill(Number(pid), 'SIGTERM');
      await expect(running.written(/never/)).rejects.toThrow('it ended with 5');
    },
  );

  test.each([
    ['an option that keyrotator has not', ['sh', '-c', 'echo ran']],
    ['one that it has, too', ['echo', 'ran', '--json']],
    ['a -- of its own', ['git', 'log', '--', 'file']],
  ])('says where -- belongs when the command has %s', async (_what, words) => {
    const before = await delivered();
    expect(await it.run(['exec', 'openai', '--env', 'KEY', ...words])).toEqual({
      code: 64,
      stdout: '',
      stderr: expect.stringMatching(/^keyrotator: .*behind --: exec SERVICE --env NAME -- COMMAND…\n$/),
    });
    expect(await delivered()).toBe(before);
  });

  test('takes a command without options as it stands, and its own options are not taken for the command’s', async () => {
    const ran = await it.run(['exec', 'openai', '--env', 'KEY', 'printenv', 'KEY']);
    expect(ran).toEqual({ code: 0, stdout: `${KEY}\n`, stderr: '' });
    const mistyped = await it.run(['exec', 'openai', '--evn', 'KEY', '--env', 'KEY', '--', 'env']);
    expect(mistyped).toMatchObject({ code: 64, stderr: expect.stringMatching(/unknown option '--evn'/) });
  });

  test('leaves the command to die by a closed pipe as it would without', async () => {
    const { stdout, stderr } = await it.run(withKey('bash', '-c', 'yes | head -1; echo "$PIPESTATUS"'));
    expect({ stdout, stderr }).toEqual({ stdout: 'y\n141\n', stderr: '' });
  });

  test('asks for no key where the command cannot be run', async () => {
    const before = await delivered();
    chmodSync(join(it.folder, inFolder('plain.sh', 'echo run')), 0o644);
    expect(await it.run(withKey('no-such-command'))).toMatchObject({
      code: 127,
      stderr: expect.stringMatching(/there is no such command/),
    });
    expect(await it.run(withKey('./plain.sh'))).toMatchObject({
      code: 126,
      stderr: expect.stringMatching(/chmod \+x/),
    });
    expect(await it.run(['exec', 'openai', '--', 'env'])).toMatchObject({ code: 64 });
    expect(await it.run(['exec', 'openai', '--env', 'A=B', '--', 'env'])).toMatchObject({ code: 64 });
    expect(await delivered()).toBe(before);
    chmodSync(join(it.folder, 'plain.sh'), 0o755);
    expect(await it.run(withKey('./plain.sh'))).toEqual({ code: 0, stdout: 'run\n', stderr: '' });
  });

  test('runs nothing without a key', async () => {
    const ran = await it.run(['exec', 'anthropic', '--env', 'KEY', '--', 'echo', 'ran']);
    expect(ran).toMatchObject({ code: 75, stdout: '', stderr: expect.stringMatching(/no active keys/) });
  });
});
