/** Starts a command and ends the process as scripts expect it. */
import { type Command, CommanderError } from 'commander';
import { EXIT, Failure } from './failure.ts';
import { plainText } from './plain-text.ts';

const SIGNALS = { SIGHUP: 129, SIGINT: EXIT.interrupted, SIGTERM: 143 } as const;

export function start(program: Command, args: readonly string[]): void {
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.pipe);
      throw error;
    });
  }
  program.parseAsync(args, { from: 'user' }).then(
    () => written().then(() => process.exit()),
    (error: Error) => end(error),
  );
}

/** Resolves when everything that was said is out: a pipe that is read slowly takes it little by little. */
async function written(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write('', resolve));
  }
}

function end(error: Error): never {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) process.exit(EXIT.done);
    return fail(EXIT.usage, usageOf(error));
  }
  if (error instanceof Failure) return fail(error.exitCode, error.message);
  return fail(EXIT.internal, `an error of this program: ${error.message}`);
}

function fail(code: number, message: string): never {
  process.stderr.write(`keyrotator: ${plainText(message)}\n`);
  process.exit(code);
}

/** What commander says, in one line, without what was given: it may be a secret that was typed in the wrong place. */
function usageOf({ code, message }: CommanderError): string {
  if (code === 'commander.help') return 'name a command: --help lists them';
  const said = message.replace(/^error: /, '').replaceAll('\n', ' ');
  if (code === 'commander.unknownOption') return said.replace(/(--?[\w-]{1,40})[^']*'/, "$1'");
  if (code === 'commander.unknownCommand') return 'there is no such command: --help lists them';
  return said.replace(
    /(Expected \d+ arguments? but got \d+).*$/,
    '$1: only values with spaces need quotes around them',
  );
}
