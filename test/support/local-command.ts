/** The local commands of the vault, as `npm run NAME -- …` runs them, without npm. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnv } from './child-env.ts';
import { type Ran, runCommand } from './run-command.ts';

export interface LocalOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The program of a command. */
export function localScript(name: string): string {
  return fileURLToPath(new URL(`../../src/cli/${name}.ts`, import.meta.url));
}

/** Runs a command to its end. */
export function runLocal(name: string, args: readonly string[], options: LocalOptions): Promise<Ran> {
  return runCommand([process.execPath, localScript(name), ...args], options);
}

/** Starts a command and sends it the signal after `ms`; resolves when it has ended, by itself or by the signal. */
export async function runLocalFor(
  ms: number,
  signal: NodeJS.Signals,
  name: string,
  args: readonly string[],
  { cwd, env }: LocalOptions,
): Promise<void> {
  const child = spawn(process.execPath, [localScript(name), ...args], {
    cwd,
    env: { ...childEnv(), ...env },
    stdio: 'ignore',
  });
  const timer = setTimeout(() => child.kill(signal), ms);
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
}
