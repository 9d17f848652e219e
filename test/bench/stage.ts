/**
 * What a run puts up and has to take down: a folder on disk and child processes. However the run ends, short of SIGKILL,
 * both are gone afterwards: `close` when it ends by itself or by a signal, `strike` when there is no time left to wait.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const START_MS = 30_000;
/** Longer than the service takes to drain. */
const STOP_MS = 15_000;

/** A server that was started, and where it serves. */
export interface Started {
  readonly pid: number;
  readonly url: string;
}

export class Stage {
  /** On the disk that the project is on: the service's database goes here. */
  readonly folder: string;
  readonly #madeParent: string | undefined;
  readonly #parent: string;
  readonly #children = new Set<ChildProcess>();
  /** Servers that ended by themselves, and the last of what they said. */
  readonly lost: string[] = [];
  readonly #stopped = new Set<ChildProcess>();
  #closing: Promise<void> | null = null;

  constructor(projectFolder: string) {
    this.#parent = join(projectFolder, 'data');
    this.#madeParent = mkdirSync(this.#parent, { recursive: true });
    this.folder = mkdtempSync(join(this.#parent, 'bench-'));
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  /**
   * Runs a module with Node; resolves once it has printed a URL. Its environment is `env` and the PATH alone. Rejects
   * with what it said on standard error where it ends before, or takes longer than 30 s.
   */
  async startServer(module: string, env: Readonly<Record<string, string>>): Promise<Started> {
    const name = module.replaceAll(/\W+/g, '-');
    const logFile = join(this.folder, `${name}.log`);
    const log = openSync(logFile, 'a');
    const child = this.#spawn(process.execPath, [...shippedFlags(), module], {
      env: { PATH: process.env.PATH ?? '', NODE_ENV: 'production', MALLOC_ARENA_MAX: '2', ...env },
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    const lastWords = () => readFileSync(logFile, 'utf8').slice(-2_000);
    const url = await announcedUrl(child).catch((error: Error) => {
      throw new Error(`${module} ${error.message}\n${lastWords()}`);
    });
    child.once('close', (code, signal) => {
      if (!this.isClosing && !this.#stopped.has(child))
        this.lost.push(`${module} ended with ${code ?? signal}\n${lastWords()}`);
    });
    return { pid: child.pid as number, url };
  }

  /** Ends a server as its operator would; resolves when it has ended. */
  async stopServer({ pid }: Started): Promise<void> {
    const child = [...this.#children].find((each) => each.pid === pid);
    if (child === undefined) return;
    this.#stopped.add(child);
    await end(child);
  }

  /** Runs a program to its end and returns what it printed. Rejects where it cannot be started or ends with an error. */
  async run(command: string, args: readonly string[]): Promise<string> {
    const child = this.#spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (output += part));
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (complaint += part));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaint.trim() || output.trim()}`);
    return output;
  }

  /** Ends every process, in order where it can, and removes the folder. */
  close(): Promise<void> {
    this.#closing ??= Promise.all([...this.#children].map(end)).then(() => this.#removeFolder());
    return this.#closing;
  }

  /** The same at once, for the last moment of the process. */
  strike(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#removeFolder();
  }

  #spawn(command: string, args: readonly string[], options: Parameters<typeof spawn>[2]): ChildProcess {
    if (this.isClosing) throw new Error('the benchmark is being stopped');
    const child = spawn(command, args, options);
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.once('error', () => this.#children.delete(child));
    return child;
  }

  #removeFolder(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
    if (this.#madeParent === undefined) return;
    try {
      rmdirSync(this.#parent);
    } catch {
      // Somebody keeps something in it by now, or it is gone.
    }
  }
}

/** Also reads on after the URL, so that no server is ever held up by a full pipe. */
function announcedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('did not say where it serves')), START_MS);
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      output = (output + part).slice(-1_000);
      const url = /http:\/\/[\w.:[\]]+/.exec(output)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`ended with ${code}`)));
    child.once('close', () => clearTimeout(timer));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

/** The flags that `npm start` runs Node with. */
function shippedFlags(): string[] {
  const script = readFileSync(new URL('../../scripts/start', import.meta.url), 'utf8');
  return /^exec node (.*) src\/main\.ts/m.exec(script)?.[1]?.split(' ') ?? [];
}
