/** What the machine has and what a process uses of it. */
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { median, quantile } from './statistics.ts';

/** The kernel's unit of CPU time towards programs, USER_HZ of proc(5): 100 on every common architecture. */
const TICKS_PER_SECOND = 100;
const SYNCS = 200;
const SYNCS_MS = 4_000;

export interface ProcessReading {
  /** Of all its threads, in user and kernel mode. */
  readonly cpuSeconds: number;
  readonly residentMiB: number;
  /** The most it ever had. */
  readonly peakMiB: number;
}

/** Reads proc(5); null on systems without it. */
export function readProcess(pid: number): ProcessReading | null {
  if (process.platform !== 'linux') return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold anything; behind its last parenthesis the third field begins. 14 and 15 are utime and stime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    residentMiB: mebibytes('VmRSS'),
    peakMiB: mebibytes('VmHWM'),
  };
}

/** Names what was measured on; the load average tells whether others were at work on it just before. */
export function describeMachine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() || 'unknown';
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${processors.length} × ${model}, load average ${(loadavg()[0] ?? 0).toFixed(2)} before the run`;
}

/** Numbers of file systems, from linux/magic.h. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  4076150800: 'f2fs',
  2035054128: 'overlayfs',
  26985: 'nfs',
  1702057286: 'fuse',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
};

/** The file system of a folder, and whether it only lives in memory. */
export function fileSystemOf(folder: string): { readonly name: string; readonly inMemory: boolean } {
  const { type } = statfsSync(folder);
  const known = process.platform === 'linux' ? FILE_SYSTEMS[type] : undefined;
  const name = known ?? `a file system of type 0x${type.toString(16)}`;
  return { name, inMemory: name === 'tmpfs' || name === 'ramfs' };
}

export interface SyncTimes {
  readonly kibibytes: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Times appending so much to a file in `folder` and having it on disk by fdatasync(2), up to 200 times. */
export function timeSyncs(folder: string, kibibytes: number): SyncTimes {
  const file = join(folder, 'sync-times');
  const block = Buffer.alloc(kibibytes * 1024, 0xa5);
  const descriptor = openSync(file, 'w');
  const times: number[] = [];
  const started = performance.now();
  while (times.length < SYNCS && performance.now() - started < SYNCS_MS) {
    const before = performance.now();
    writeSync(descriptor, block);
    fdatasyncSync(descriptor);
    times.push(performance.now() - before);
  }
  closeSync(descriptor);
  rmSync(file);
  return { kibibytes, medianMs: median(times), p99Ms: quantile(times, 0.99) };
}
