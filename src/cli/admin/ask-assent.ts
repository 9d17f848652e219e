/** Asks on a terminal whether something is meant. */
import { createInterface } from 'node:readline/promises';
import { EXIT, Failure } from './failure.ts';

/** Resolves once `yes` was typed. Throws a {@link Failure} for anything else, and where there is no terminal to ask. */
export async function askForAssent(warning: string): Promise<void> {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY) throw new Failure(EXIT.usage, `${warning}: say --yes if that is meant`);
  const terminal = createInterface({ input, output });
  const interrupted = new Promise<never>((_, reject) => {
    terminal.once('SIGINT', () => reject(new Failure(EXIT.interrupted, 'interrupted')));
    terminal.once('close', () => reject(new Failure(EXIT.usage, 'nothing was done')));
  });
  try {
    const answer = await Promise.race([terminal.question(`${warning}. Type yes to go on: `), interrupted]);
    if (answer.trim() !== 'yes') throw new Failure(EXIT.usage, 'nothing was done');
  } finally {
    interrupted.catch(() => {});
    terminal.close();
  }
}
