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

/**
 * Runs a command with its arguments. `--help` tells `usage` instead, and so does a UsageError; every other error is told in
 * one line, with the exit code that belongs to it.
 */
export function runCommand(usage: string, main: (args: readonly string[]) => Promise<void>): void {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    say(`usage: ${usage}`);
    return;
  }
  main(args).catch((error: Error) => {
    if (error instanceof UsageError) fail(`usage: ${usage}`, EXIT_USAGE);
    fail(error.message, error instanceof ConfigError || error instanceof WrongMasterKey ? EXIT_CONFIG : 1);
  });
}

function fail(message: string, code: number): never {
  process.stderr.write(`keyrotator: ${message}\n`);
  process.exit(code);
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
