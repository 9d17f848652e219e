/** `exec`: a command that has a key in its environment, and nothing of the vault's. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Command, CommanderError } from 'commander';
import { environmentWithout, pathVariable } from '../../config/env.ts';
import { EXIT, Failure } from './failure.ts';
import { getKey, keyIn, TOKEN_OF_DELIVERIES } from './get-key.ts';
import { type Common, examplesOf } from './program.ts';

const SUMMARY = 'Runs a command with a key of a service in its environment.';
const ABOUT = `The command takes the place of keyrotator: signals, input, output and the exit code are its own. No variable that begins with KEYROTATOR_ is passed on. ${TOKEN_OF_DELIVERIES}`;

export function addExec(program: Command): void {
  const command = program
    .command('exec')
    .summary(SUMMARY)
    .description(`${SUMMARY}\n\n${ABOUT}`)
    .usage('[options] <SERVICE> -- COMMAND…')
    .argument('<SERVICE>')
    .argument('<COMMAND...>')
    .requiredOption('--env <name>', 'the variable that the command reads its key from')
    .exitOverride(explain)
    .addHelpText(
      'after',
      examplesOf([`exec openai --env OPENAI_API_KEY -- sh -c 'test -n "$OPENAI_API_KEY"'`]),
    );
  command.action(async (service: string, words: string[], { env }: { env: string }) => {
    requireAsTyped(words);
    const [name = '', ...args] = words;
    if (!/^[A-Za-z_]\w*$/.test(env)) throw new Failure(EXIT.usage, '--env takes the name of a variable');
    requireProgram(name);
    const key = keyIn(await getKey(service, false, command.optsWithGlobals<Common>()));
    become([name, ...args], { ...environmentWithout('KEYROTATOR_'), [env]: key });
  });
}

const OPTIONS_OF_ITS_OWN =
  'the options of the command have to stand behind --: exec SERVICE --env NAME -- COMMAND…';

function explain(error: CommanderError): never {
  const isOfTheCommand = error.code === 'commander.unknownOption' && !process.argv.includes('--');
  throw isOfTheCommand ? new Failure(EXIT.usage, OPTIONS_OF_ITS_OWN) : error;
}

/** Without `--` in front of it, an option of the command such as `--json` would be taken for one of keyrotator, and left out. */
function requireAsTyped(words: readonly string[]): void {
  if (isDeepStrictEqual(process.argv.slice(-words.length), words)) return;
  throw new Failure(EXIT.usage, OPTIONS_OF_ITS_OWN);
}

/** Looked for before a key is asked for: a delivery counts. */
function requireProgram(name: string): void {
  const folders = name.includes('/') ? [''] : (pathVariable() ?? '/usr/bin:/bin').split(delimiter);
  const found = folders.map((folder) => (folder === '' ? name : join(folder, name))).filter(isFile);
  if (found.length === 0) {
    throw new Failure(
      EXIT.notFound,
      'there is no such command: what stands behind -- is no file and not in PATH',
    );
  }
  if (!found.some(isRunnable)) {
    throw new Failure(EXIT.notExecutable, 'the command may not be executed: chmod +x lets it');
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Does not return: the command is this process from here on. `env` finds it, and says why where it cannot be run after all. */
function become(command: readonly [string, ...string[]], env: Record<string, string>): void {
  if (command[0].includes('=')) {
    throw new Failure(EXIT.usage, 'the command has a = in its name: run it by sh -c');
  }
  if (process.execve === undefined) {
    throw new Failure(EXIT.internal, 'this system cannot replace a process by another');
  }
  // Node ignores SIGPIPE, which what comes after it would inherit; once listened to, it does what it usually does.
  const listener = () => {};
  process.on('SIGPIPE', listener).off('SIGPIPE', listener);
  process.execve('/usr/bin/env', ['env', ...command], env);
}
