/** What the commands say to a person, and how they end. */
import { setPriority } from 'node:os';
import { ConfigError } from '../config/config.ts';
import { WrongMasterKey } from '../operations/vault/prepare-vault.ts';

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
