/** Every example of every help text of `./keyrotator` works, typed as it stands. */
import { afterAll, expect, test } from 'vitest';
import {
  examplesIn,
  type Furnished,
  helpTexts,
  installCommand,
  startFurnished,
} from '../support/command-line.ts';
import { runShell } from '../support/run-command.ts';

const HELP = helpTexts();
const GROUPS = [...HELP.keys()].filter((name) =>
  [...HELP.keys()].some((other) => other.startsWith(`${name} `)),
);
const COMMANDS = [...HELP].filter(([name]) => name !== '' && !GROUPS.includes(name));

/** Commands that change nothing, so that they can share a vault. */
const READS = /(?:^| )(?:whoami|list|show|deliveries|usage|export|get|exec)$/;
const unchanged = startWithCommand();
afterAll(async () => (await unchanged).vault.stop());

async function startWithCommand(): Promise<Furnished> {
  const furnished = await startFurnished();
  installCommand(furnished.folder);
  return furnished;
}

test.each(COMMANDS)('%s', async (name, help) => {
  const examples = examplesIn(help);
  expect(examples.length, 'it has an example').toBeGreaterThan(0);
  expect(examples.filter((example) => !example.startsWith(`./keyrotator ${name}`))).toEqual([]);
  const { vault, folder, env } = READS.test(name) ? await unchanged : await startWithCommand();
  for (const example of examples) {
    const { code, stderr } = await runShell(example, { cwd: folder, env });
    expect({
      example,
      code,
      stderr: stderr.replace(
        /^keyrotator: (?:\w+(?: and \w+)?: shown this once|it is sent within seconds: ).*\n/,
        '',
      ),
    }).toEqual({
      example,
      code: 0,
      stderr: '',
    });
  }
  if (!READS.test(name)) await vault.stop();
});

test('the help of a group lists its commands, each with what it does', () => {
  expect(GROUPS.filter((name) => name !== '')).toEqual(
    expect.arrayContaining(['tenant', 'service', 'key', 'app']),
  );
  for (const [name, help] of HELP) {
    const described = COMMANDS.filter(([command]) => command.split(' ').slice(0, -1).join(' ') === name);
    for (const [command] of described)
      expect(help).toMatch(new RegExp(`^ {2}${command.split(' ').at(-1)} .*\\S`, 'm'));
  }
});
