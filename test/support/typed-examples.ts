/** Examples of the command line: what a shell makes of each, carried out by the program in this process. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { keyrotator } from '../../src/cli/admin/commands.ts';
import { type Ran, runCommand } from './run-command.ts';

const HEARS = '#!/bin/sh\nprintf "%s\\0" "$#" "$@" >> typed\n';

/** The words that `./keyrotator` gets of each line, quotes and redirections taken away as bash does. */
export async function wordsOf(lines: readonly string[], folder: string): Promise<string[][]> {
  writeFileSync(join(folder, 'typed'), '');
  writeFileSync(join(folder, 'keyrotator'), HEARS);
  chmodSync(join(folder, 'keyrotator'), 0o755);
  const { code, stderr } = await runCommand(['bash', '-ec', lines.join('\n')], { cwd: folder });
  if (code !== 0) throw new Error(`no shell takes that: ${stderr}`);
  const words = readFileSync(join(folder, 'typed'), 'utf8').split('\0').slice(0, -1);
  const found: string[][] = [];
  while (words.length > 0) found.push(words.splice(0, Number(words.shift())));
  return found;
}

/** Carries a command out as `./keyrotator` would. It must not read standard input, nor become another program. */
export async function runHere(
  words: readonly string[],
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<Ran> {
  const output = { stdout: '', stderr: '' };
  const before = process.cwd();
  for (const name of Object.keys(process.env))
    if (name.startsWith('KEYROTATOR_')) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const heard = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += text;
      return true;
    }),
  );
  process.chdir(cwd);
  try {
    await keyrotator().parseAsync(words, { from: 'user' });
    return { code: 0, ...output };
  } catch (error) {
    const { exitCode = 70, message } = error as Error & { exitCode?: number };
    return { code: exitCode, stdout: output.stdout, stderr: `${output.stderr}${message}\n` };
  } finally {
    process.chdir(before);
    for (const each of heard) each.mockRestore();
    vi.unstubAllEnvs();
  }
}
