/** What the local commands say of themselves, and to whoever mistypes them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLocal } from '../support/local-command.ts';
import { PROJECT } from '../support/markdown.ts';

const root = mkdtempSync(join(tmpdir(), 'keyrotator-local-commands-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const COMMANDS = ['backup', 'restore', 'root-token', 'migrate'];

test.each(COMMANDS)(
  '%s tells how it is used when it is asked or mistyped, and does nothing',
  async (name) => {
    const cwd = mkdtempSync(join(root, `${name}-`));
    const asked = await runLocal(name, ['backup.db', '--help'], { cwd });
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toMatch(new RegExp(`^usage: npm run ${name}\\b.*\n {2}[A-Z]`));
    const mistyped = await runLocal(name, ['one', 'two'], { cwd });
    expect(mistyped).toEqual({ ...asked, code: 64, stdout: '', stderr: `keyrotator: ${asked.stdout}` });
    expect(readdirSync(cwd)).toEqual([]);
  },
);

test.each(COMMANDS)('`npm run %s` hands on what it is given', (name) => {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  expect(scripts[name]).toBe(`exec scripts/${name}`);
  const script = readFileSync(join(PROJECT, 'scripts', name), 'utf8');
  expect(script.trimEnd().split('\n').at(-1)).toBe(`exec node src/cli/${name}.ts "$@"`);
});
