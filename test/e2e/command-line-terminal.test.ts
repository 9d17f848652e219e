/** `./keyrotator` on a terminal: what it asks for is not shown, and what it finds is for people. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { childEnv } from '../support/child-env.ts';
import { type Furnished, startFurnished } from '../support/command-line.ts';
import { localScript } from '../support/local-command.ts';
import { hasTerminal } from '../support/run-command.ts';

let it: Furnished;

beforeAll(async () => {
  it = await startFurnished();
});
afterAll(() => it.vault.stop());

/** Runs it on a terminal of its own and types once it has written what it is to answer. */
async function onTerminal(
  args: readonly string[],
  typing: readonly (readonly [RegExp, string])[] = [],
  env: NodeJS.ProcessEnv = {},
) {
  const command = [process.execPath, localScript('keyrotator'), ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: it.folder,
    env: { ...childEnv(), ...it.env, TERM: 'dumb', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  for (const [prompt, typed] of typing) {
    await vi.waitFor(() => expect(text).toMatch(prompt), { timeout: 10_000 });
    child.stdin.write(typed);
  }
  const code = await ended;
  return { code, shown: text.replaceAll('\r\n', '\n') };
}

describe.skipIf(!hasTerminal())('on a terminal', () => {
  test('a key is asked for, and nothing of it is shown', async () => {
    const typed = 'sk-wrong\x15sk-typed-canary-012345678\x7f9\r';
    const { code, shown } = await onTerminal(['key', 'create', 'anthropic', 'Typed'], [[/Key: $/, typed]]);
    expect(code).toBe(0);
    expect(shown).not.toContain('canary');
    expect(shown).toMatch(/^label +Typed$/m);
    const { stdout } = await it.run(['get', 'anthropic']);
    expect(stdout).toBe('sk-typed-canary-012345679\n');
  });

  test('the admin token is asked for where there is none', async () => {
    const typing = [[/Admin token: $/, `${it.vault.rootToken}\r`]] as const;
    const { code, shown } = await onTerminal(['whoami'], typing, { KEYROTATOR_TOKEN: undefined });
    expect(code).toBe(0);
    expect(shown).not.toContain(it.vault.rootToken);
    expect(shown).toMatch(/^role +root$/m);
  });

  test('Ctrl-C at a question ends it with 130', async () => {
    const { code } = await onTerminal(['key', 'create', 'anthropic', 'Typed'], [[/Key: $/, 'sk-canary\x03']]);
    expect(code).toBe(130);
  });

  test('what cannot be taken back is asked about, and not done without a yes', async () => {
    const { stdout: id } = await it.run(
      ['key', 'create', 'anthropic', 'Leaked', '--quiet', '--key-file', '-'],
      {
        input: 'sk-leaked-0123456789abcdef',
      },
    );
    const burn = ['key', 'burn', 'anthropic', id.trim(), '--reason', 'leaked'];
    const state = async () =>
      JSON.parse((await it.run(['key', 'show', 'anthropic', id.trim(), '--json'])).stdout).state;
    for (const [typed, code] of [
      ['no\r', 64],
      ['\x03', 130],
    ] as const) {
      expect(await onTerminal(burn, [[/Type yes to go on: $/, typed]])).toMatchObject({ code });
      expect(await state()).not.toBe('burned');
    }
    expect(await onTerminal(burn, [[/Type yes to go on: $/, 'yes\r']])).toMatchObject({ code: 0 });
    expect(await state()).toBe('burned');
  });

  test('a list is a table with a line of names', async () => {
    const { code, shown } = await onTerminal(['service', 'list']);
    expect(code).toBe(0);
    expect(shown.split('\n')[0]).toMatch(/^SLUG +NAME +POLICY +ENABLED/);
    const [, one = '', two = ''] = shown.split('\n');
    expect(one.indexOf('manual')).toBe(two.indexOf('manual'));
  });

  test('an import shows how far it is, and leaves nothing of that behind', async () => {
    const rows = Array.from({ length: 2_500 }, (_, at) => `Key ${at},sk-bar-canary-${at}`);
    writeFileSync(join(it.folder, 'bar.csv'), ['label,key', ...rows].join('\n'));
    const { code, shown } = await onTerminal(['key', 'import', 'openai', 'bar.csv']);
    expect(code).toBe(0);
    expect(shown).toContain('\rimporting 40 %');
    expect(shown.endsWith('\r\x1b[Kadded 2500, already there 0, wrong 0\n')).toBe(true);
    expect(shown).not.toContain('canary');
  });
});
