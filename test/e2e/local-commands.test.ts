/** What the local commands say of themselves, and to whoever mistypes them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLocal } from '../support/local-command.ts';

const root = mkdtempSync(join(tmpdir(), 'keyrotator-local-commands-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each(['backup', 'restore', 'root-token', 'migrate'])(
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
