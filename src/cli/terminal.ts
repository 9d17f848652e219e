/** What the commands say to a person, and how they end. */
import { setPriority } from 'node:os';
import { ConfigError } from '../config/config.ts';
import { WrongMasterKey } from '../operations/prepare-vault.ts';
import type { Steps } from '../storage/backup/progress.ts';

const EXIT_CONFIG = 78;
const EXIT_USAGE = 64;
const LOWER_PRIORITY = 10;
const CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** What was typed is not how the command is used. */
export class UsageError extends Error {}

/** Runs a command; its errors are told in one line, with the exit code that belongs to them. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: Error) => {
    process.stderr.write(`keyrotator: ${error.message}\n`);
    if (error instanceof UsageError) process.exit(EXIT_USAGE);
    process.exit(error instanceof ConfigError || error instanceof WrongMasterKey ? EXIT_CONFIG : 1);
  });
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** On a terminal the progress of a step is one line that is written over; elsewhere nothing is said. */
export const showSteps: Steps = (step) => {
  if (!process.stderr.isTTY) return () => {};
  let shown = '';
  return (share) => {
    const text = `${step} ${Math.floor(share * 100)} %`;
    if (text === shown) return;
    shown = text;
    process.stderr.write(share >= 1 ? '\r\x1b[K' : `\r${text}`);
  };
};

/** Leaves the processor to whoever serves beside this process. */
export function giveWay(): void {
  try {
    setPriority(LOWER_PRIORITY);
  } catch {
    // Not every system lets a process choose.
  }
}

/** Calls `clean` when a signal ends the process. */
export function onInterrupt(clean: () => void): void {
  for (const [signal, code] of Object.entries(CODES)) {
    process.once(signal, () => {
      clean();
      process.exit(code);
    });
  }
}
