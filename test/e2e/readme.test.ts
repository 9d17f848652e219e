/** The README's commands, run as they are written there, against the real program in a fresh folder. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { codeBlock, codeBlocks, PROJECT, readDocument } from '../support/markdown.ts';
import {
  hasTerminal,
  type Running,
  runShell,
  startCommand,
  startInTerminal,
} from '../support/run-command.ts';

const README = readDocument('README.md');
const ADDRESS = 'http://127.0.0.1:8080';
const FIRST_KEY = codeBlock(README, 'The first key of your own', 'sh');
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

/** A checkout whose set-up is done: `scripts/setup` would find nothing to do, and must not touch the packages in use. */
function freshCheckout(): string {
  const folder = freshFolder('checkout');
  for (const path of ['package.json', 'scripts'])
    cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
  for (const path of ['src', 'db', 'node_modules']) symlinkSync(join(PROJECT, path), join(folder, path));
  writeFileSync(join(folder, 'scripts/setup'), '#!/bin/sh\n');
  chmodSync(join(folder, 'scripts/setup'), 0o755);
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

test('a key of your own takes four commands at most', () => {
  const commands = FIRST_KEY.replaceAll(/(?:\\|&&)\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  expect(commands.length).toBeLessThanOrEqual(4);
  expect(FIRST_KEY).toContain(ADDRESS);
});

describe('without a terminal', () => {
  test('npm start serves, and the commands that follow end in the key, unmasked', async () => {
    const folder = freshCheckout();
    const service = startCommand(['bash', '-c', codeBlock(README, 'Start', 'sh')], {
      cwd: folder,
      env: { PORT: '0' },
    });
    started.push(service);
    const url = (await service.written(SERVES))[1] ?? '';
    expect(existsSync(join(folder, 'data/root-token'))).toBe(true);
    const ran = await runShell(FIRST_KEY.replaceAll(ADDRESS, url), { cwd: folder });
    expect(ran.stderr).toContain('"client_token":"krc_');
    expect(ran).toMatchObject({ code: 0 });
    const answer = delivered(ran.stdout);
    expect(answer).toMatchObject({ service: 'openai', key: 'sk-your-provider-key', masked: false });
    const documented = JSON.parse(codeBlock(README, 'Getting a key', 'json'));
    expect(shapeOf(answer)).toEqual(shapeOf(documented));
  });
});

describe.skipIf(!hasTerminal())('on a terminal', () => {
  test('the first start prints what the README shows, and the commands ask for the root token', async () => {
    const folder = freshFolder('terminal');
    const service = startInTerminal({ cwd: folder, env: { PORT: '0' } });
    started.push(service);
    const url = (await service.written(SERVES))[1] ?? '';
    await service.written(/curl -s .*\r?\n/);
    const printed = service.output.text.replaceAll('\r', '').replaceAll(url, ADDRESS);
    const shown = codeBlock(README, 'Start', 'text');
    expect(printed.replaceAll(/(kr[cr]_)[0-9A-Za-z]+/g, '$1…')).toContain(shown);

    const rootToken = /krr_[0-9A-Za-z]+/.exec(printed)?.[0] ?? '';
    const ran = await runShell(FIRST_KEY.replaceAll(ADDRESS, url), { cwd: folder, input: `${rootToken}\n` });
    expect(ran.stderr).toContain('Paste the root token:');
    expect(delivered(ran.stdout)).toMatchObject({ key: 'sk-your-provider-key', masked: false });
  });
});

test('every block of the README that can be run is run by a test', () => {
  const runnable = codeBlocks(README).filter(({ language }) => !['text', 'json'].includes(language));
  const headings = new Set(runnable.map(({ heading }) => heading));
  // The first two are run here, the others in examples.test.ts.
  expect([...headings]).toEqual(['Start', 'The first key of your own', 'From your code', 'Webhooks']);
});
