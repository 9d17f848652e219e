/** The real program as a child process, in a folder and with an environment of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { childEnv } from './child-env.ts';

/** The program. */
export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface RunningService {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly url: string;
  readonly rootToken: string;
  /** The exit code, once it has ended (null: ended by a signal). */
  readonly ended: Promise<number | null>;
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string };
  /** Sends the signal and resolves with the exit code (null: ended by the signal). */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** A command to run it under, as `['prlimit', '--fsize=1000000']`. */
  readonly under?: readonly string[];
}

/** Starts the program; resolves when it says that it serves. Rejects with what it wrote where it ended instead. */
export async function runService(options: RunOptions): Promise<RunningService> {
  const rootToken = options.env?.KEYROTATOR_ROOT_TOKEN ?? `root-${randomBytes(32).toString('hex')}`;
  const [command = process.execPath, ...args] = [...(options.under ?? []), process.execPath, MAIN];
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: {
      ...childEnv(),
      PORT: '0',
      KEYROTATOR_DEMO: 'false',
      KEYROTATOR_DRAIN_SECONDS: '0',
      KEYROTATOR_ROOT_TOKEN: rootToken,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      const match = /^KeyRotator serves at (\S+)$/m.exec(output.stdout);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.on('error', reject);
    void ended.then((code) =>
      reject(new Error(`the service ended with ${code}: ${output.stderr}${output.stdout}`)),
    );
  });
  return {
    process: child,
    pid: child.pid as number,
    url,
    rootToken,
    ended,
    output,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** A call of a running service's administration; throws unless it is answered with success. */
export async function administer(
  service: RunningService,
  method: string,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what came and asserts on it
): Promise<any> {
  const response = await fetch(`${service.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${service.rootToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}
