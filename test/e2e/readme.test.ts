/** The README's commands, run as they are written there, against the real program in a fresh folder. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { makeCheckout } from '../support/checkout.ts';
import { childEnv } from '../support/child-env.ts';
import { codeBlock, codeBlocks, readDocument } from '../support/markdown.ts';
import {
  hasTerminal,
  type Running,
  runShell,
  startCommand,
  startInTerminal,
} from '../support/run-command.ts';

const README = readDocument('README.md');
const ADDRESS = 'http://127.0.0.1:8080';
const [ROOT_TOKEN = '', FIRST_KEY = ''] = codeBlocks(README)
  .filter(({ heading }) => heading === 'The first key of your own')
  .map(({ text }) => text);
const SERVES = /KeyRotator serves at (\S+)\r?\n/;
const root = mkdtempSync(join(tmpdir(), 'keyrotator-readme-'));
const started: Running[] = [];

afterAll(async () => {
  await Promise.all(started.map((service) => service.end('SIGTERM')));
  rmSync(root, { recursive: true, force: true });
});

function freshFolder(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

/** The last of the four commands' answers. */
function delivered(stdout: string) {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** Every path to a value in `json`, sorted. */
function shapeOf(json: object, path = ''): string[] {
  return Object.entries(json).flatMap(([name, value]) =>
    value !== null && typeof value === 'object' ? shapeOf(value, `${path}${name}.`) : [`${path}${name}`],
  );
}

test('a key of your own takes the root token and four commands at most', () => {
  expect(ROOT_TOKEN.trim().split('\n')).toHaveLength(1);
  const commands = FIRST_KEY.replaceAll(/(?:\\|&&)\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  expect(commands.length).toBeLessThanOrEqual(4);
  expect(FIRST_KEY).toContain(ADDRESS);
});

describe('without a terminal', () => {
  test('npm start serves, and the commands that follow end in the key, unmasked', async () => {
    const folder = makeCheckout(root);
    const service = startCommand(['bash', '-c', codeBlock(README, 'Start', 'sh')], {
      cwd: folder,
      env: { PORT: '0' },
    });
    started.push(service);
    const url = (await service.written(SERVES))[1] ?? '';
    expect(existsSync(join(folder, 'data/root-token'))).toBe(true);
    const ran = await runShell(ROOT_TOKEN + FIRST_KEY.replaceAll(ADDRESS, url), { cwd: folder });
    expect(ran.stderr).toContain('"client_token":"krc_');
    expect(ran).toMatchObject({ code: 0 });
    const answer = delivered(ran.stdout);
    expect(answer).toMatchObject({ service: 'openai', key: 'sk-your-provider-key', masked: false });
    const documented = JSON.parse(codeBlock(README, 'Getting a key', 'json'));
    expect(shapeOf(answer)).toEqual(shapeOf(documented));
  });
});

describe.skipIf(!hasTerminal())('on a terminal', () => {
  test('the first start prints what the README shows, and the root token that the commands ask for is not shown', async () => {
    const folder = freshFolder('terminal');
    const service = startInTerminal({ cwd: folder, env: { PORT: '0' } });
    started.push(service);
    const url = (await service.written(SERVES))[1] ?? '';
    await service.written(/curl -s .*\r?\n/);
    const printed = service.output.text.replaceAll('\r', '').replaceAll(url, ADDRESS);
    const shown = codeBlock(README, 'Start', 'text');
    expect(printed.replaceAll(/(kr[cr]_)[0-9A-Za-z]+/g, '$1…')).toContain(shown);

    const rootToken = /krr_[0-9A-Za-z]+/.exec(printed)?.[0] ?? '';
    const shell = shellInTerminal(folder);
    shell.paste(ROOT_TOKEN);
    await shell.written(/\nRoot token: $/);
    shell.paste(`${rootToken}\n`);
    shell.paste(FIRST_KEY.replaceAll(ADDRESS, url));
    const [answer] = await shell.written(/^\{"service":.*"sk-your-provider-key".*\}/m);
    expect(JSON.parse(answer)).toMatchObject({ key: 'sk-your-provider-key', masked: false });
    expect(await shell.exit()).not.toContain(rootToken);
    const history = readFileSync(join(folder, 'history'), 'utf8');
    expect(history).toContain('read -r ROOT');
    expect(history).not.toContain(rootToken);
  });
});

/** An interactive shell on a terminal that does not mark what is pasted: each line is taken as if it had been typed. */
function shellInTerminal(cwd: string) {
  const child = spawn('script', ['-qec', 'bash --noprofile --norc -i', '/dev/null'], {
    cwd,
    env: { ...childEnv(), HOME: cwd, TERM: 'dumb', HISTFILE: join(cwd, 'history') },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  const shown = () => text.replaceAll('\r', '');
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    paste: (lines: string) => void child.stdin.write(lines),
    written: (pattern: RegExp) =>
      vi.waitFor(
        () => {
          const match = pattern.exec(shown());
          if (match === null) throw new Error(`it has written only: ${shown()}`);
          return match;
        },
        { timeout: 10_000 },
      ),
    /** Resolves with all that it has written. */
    async exit() {
      child.stdin.write('exit\n');
      await ended;
      return shown();
    },
  };
}

test('every block of the README that can be run is run by a test', () => {
  const runnable = codeBlocks(README).filter(({ language }) => !['text', 'json'].includes(language));
  const headings = new Set(runnable.map(({ heading }) => heading));
  // The first two are run here, the command line in command-line-readme.test.ts, the others in examples.test.ts.
  expect([...headings]).toEqual([
    'Start',
    'The first key of your own',
    'The command line',
    'From your code',
    'Reporting what became of it',
    'Webhooks',
  ]);
});
