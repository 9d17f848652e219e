/** Commands as a person would type them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { childEnv } from './child-env.ts';
import { MAIN } from './run-service.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What is typed into it. */
  readonly input?: string;
}

export function hasCommand(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}

/** Runs a program to its end. */
export async function runCommand(
  command: readonly [string, ...string[]],
  { cwd, env, input = '' }: RunCommandOptions,
): Promise<Ran> {
  const child = spawn(command[0], command.slice(1), {
    cwd,
    env: { ...childEnv(), ...env },
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  // A command that reads nothing may have ended before it was typed to.
  child.stdin.on('error', () => undefined).end(input);
  return { code: await codeOf(child), ...output };
}

/** Node's pipes are sockets, which cannot be opened as `/dev/stderr`: the script gets a real one. */
const WITH_A_PIPE = 'set -o pipefail; { bash -c "$1" 2>&1 >&3 3>&- | cat >&2; } 3>&1';

/** Runs the lines of a script with bash. */
export function runShell(script: string, options: RunCommandOptions): Promise<Ran> {
  return runCommand(['bash', '-c', WITH_A_PIPE, 'bash', script], options);
}

export interface Running {
  /** What it has written so far. */
  readonly output: { text: string };
  /** Resolves with the match once it has written it; rejects where it ends without. */
  written(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends the signal to it and to all that it started; resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a program that runs until it is ended. */
export function startCommand(
  command: readonly [string, ...string[]],
  { cwd, env }: RunCommandOptions,
): Running {
  const child = spawn(command[0], command.slice(1), {
    cwd,
    env: { ...childEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { text: '' };
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output.text += text;
      for (const look of waiting) look();
    });
  }
  const ended = codeOf(child);
  return {
    output,
    written(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.text);
          if (match === null) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        look();
        void ended.then((code) => reject(new Error(`it ended with ${code}: ${output.text}`)), reject);
      });
    },
    end(signal) {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, signal);
      return ended;
    },
  };
}

/** Starts the real program on a terminal of its own, by util-linux's `script`. */
export function startInTerminal(options: RunCommandOptions): Running {
  const program = `exec '${process.execPath}' '${MAIN}'`;
  return startCommand(['script', '-qec', program, '/dev/null'], options);
}

/** Whether this machine has a `script` that {@link startInTerminal} can use. */
export function hasTerminal(): boolean {
  return spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
}
