/** The README's chapter on the command line, run as it is written there, in the folder of a real vault. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeCheckout } from '../support/checkout.ts';
import { codeBlocks, readDocument } from '../support/markdown.ts';
import { runShell } from '../support/run-command.ts';
import { runService } from '../support/run-service.ts';

const BLOCKS = codeBlocks(readDocument('README.md')).filter(({ language }) => language === 'sh');
const blocksUnder = (heading: string) =>
  BLOCKS.filter((block) => block.heading === heading).map(({ text }) => text);
const [ROOT_TOKEN = ''] = blocksUnder('The first key of your own');
const SCRIPT = blocksUnder('The command line').join('');
const root = mkdtempSync(join(tmpdir(), 'keyrotator-command-line-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('every line works, one after the other', async () => {
  const folder = makeCheckout(root);
  const home = mkdtempSync(join(root, 'home-'));
  const cloned = readdirSync(folder);
  const service = await runService({
    cwd: folder,
    env: { KEYROTATOR_ROOT_TOKEN: undefined, KEYROTATOR_DEMO: 'true', LOG_LEVEL: 'error' },
  });
  const ran = await runShell(`set -e\n${ROOT_TOKEN}${SCRIPT}`, {
    cwd: folder,
    env: { KEYROTATOR_URL: service.url, HOME: home },
  });
  expect(await service.end('SIGTERM')).toBe(0);
  expect(ran).toMatchObject({ code: 0 });
  expect(
    ran.stderr.replaceAll(/^keyrotator: (?:.*shown this once.*|drained: false, drained_at: none)\n/gm, ''),
  ).toBe('');
  const { stdout } = ran;
  expect(stdout).toMatch(/^added 2, already there 0, wrong 0$/m);
  expect(stdout.match(/^sk-your-provider-key$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^from_key_id\t\d+$/m);
  expect(stdout).toMatch(/^\d+\t\S+\tkey\.rotated\troot\troot\t\S+\t\w+\tnew quarter$/m);
  for (const [file, content] of [
    ['app-token', /^kra_\w+\n$/],
    ['night-shift-token', /^krr_\w+\n$/],
    ['audit.csv', /app\.disabled/],
  ] as const) {
    const path = join(home, '.keyrotator', file);
    expect(readFileSync(path, 'utf8')).toMatch(content);
    expect(statSync(path).mode & 0o077, `${file}: for others`).toBe(0);
  }
  // The data folder, which git ignores, is the vault's.
  expect(readdirSync(folder).filter((file) => !cloned.includes(file))).toEqual(['data']);
});

test('nothing of it stands in the list of processes: every line that names a key or a token reads it from elsewhere', () => {
  const commands = SCRIPT.split('\n')
    .flatMap((line) => line.split('|'))
    .filter((part) => part.includes('./keyrotator'));
  for (const command of commands) expect(command).not.toMatch(/sk-|kr[acr]_|\$ROOT\b/);
});
