/** The README's chapter on the command line, run as it is written there, in the folder of a real vault. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeCheckout } from '../support/checkout.ts';
import { codeBlocks, readDocument } from '../support/markdown.ts';
import { runShell } from '../support/run-command.ts';
import { runService } from '../support/run-service.ts';

const SCRIPT = codeBlocks(readDocument('README.md'))
  .filter(({ heading }) => heading === 'The command line')
  .map(({ text }) => text)
  .join('');
const root = mkdtempSync(join(tmpdir(), 'keyrotator-command-line-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('every line works, one after the other', async () => {
  const folder = makeCheckout(root);
  const service = await runService({
    cwd: folder,
    env: { KEYROTATOR_ROOT_TOKEN: undefined, LOG_LEVEL: 'error' },
  });
  const ran = await runShell(`set -e\n${SCRIPT}`, { cwd: folder, env: { KEYROTATOR_URL: service.url } });
  expect(await service.end('SIGTERM')).toBe(0);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stderr.replaceAll(/^keyrotator: .*shown this once.*\n/gm, '')).toBe('');
  expect(ran.stdout).toMatch(/^sk-your-provider-key$/m);
});
