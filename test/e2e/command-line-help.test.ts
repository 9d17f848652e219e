/** Every example of every help text of `./keyrotator` works, typed as it stands. */
import { expect, test } from 'vitest';
import { examplesIn, helpTexts, installCommand, startFurnished } from '../support/command-line.ts';
import { runShell } from '../support/run-command.ts';

const HELP = helpTexts();
const GROUPS = [...HELP.keys()].filter((name) =>
  [...HELP.keys()].some((other) => other.startsWith(`${name} `)),
);
const COMMANDS = [...HELP].filter(([name]) => name !== '' && !GROUPS.includes(name));

test.each(COMMANDS)('%s', async (name, help) => {
  const examples = examplesIn(help);
  expect(examples.length, 'it has an example').toBeGreaterThan(0);
  expect(examples.filter((example) => !example.startsWith(`./keyrotator ${name}`))).toEqual([]);
  const { vault, folder, env } = await startFurnished();
  installCommand(folder);
  for (const example of examples) {
    const { code, stderr } = await runShell(example, { cwd: folder, env });
    expect({
      example,
      code,
      stderr: stderr.replace(/^keyrotator: \w+(?: and \w+)?: shown this once.*\n/, ''),
    }).toEqual({
      example,
      code: 0,
      stderr: '',
    });
  }
  await vault.stop();
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
