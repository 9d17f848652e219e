/**
 * Every example of every help text of `./keyrotator` works, typed as it stands. A shell takes each apart, and the program carries it out
 * in this process; that it does so in one of its own is shown by the other tests of the command line.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  examplesIn,
  type Furnished,
  helpTexts,
  installCommand,
  startFurnished,
} from '../support/command-line.ts';
import { type Ran, runShell } from '../support/run-command.ts';
import { runHere, wordsOf } from '../support/typed-examples.ts';

const HELP = helpTexts();
const GROUPS = [...HELP.keys()].filter((name) =>
  [...HELP.keys()].some((other) => other.startsWith(`${name} `)),
);
const COMMANDS = [...HELP].filter(([name]) => name !== '' && !GROUPS.includes(name));

/** Commands that change nothing. */
const READS = /(?:^| )(?:whoami|list|show|deliveries|usage|export|get|exec)$/;
/** What needs a process of its own: it reads standard input, or becomes another program. */
const NEEDS_A_PROCESS = / < |^\.\/keyrotator exec /;

/** Those of a group share a vault: what changes things for the others comes last. */
const LAST = ['update', 'delete'];
const place = (name: string) => (READS.test(name) ? -2 : LAST.indexOf(name.split(' ').at(-1) ?? ''));
const SETS = [...Map.groupBy(COMMANDS, ([name]) => (name.includes(' ') ? name.split(' ')[0] : ''))].map(
  ([group = '', commands]) =>
    [group || 'others', commands.toSorted(([a], [b]) => place(a) - place(b))] as const,
);

describe.each(SETS)('%s', (_group, commands) => {
  let it: Furnished;
  const words = new Map<string, string[]>();
  beforeAll(async () => {
    it = await startFurnished();
    const examples = commands.flatMap(([, help]) => examplesIn(help));
    const found = await wordsOf(examples, it.folder);
    expect(found.length).toBe(examples.length);
    for (const [at, example] of examples.entries()) words.set(example, found[at] ?? []);
  });
  afterAll(() => it.vault.stop());

  test.each(commands)('%s', async (name, help) => {
    const { folder, env } = it;
    const examples = examplesIn(help);
    expect(examples.length, 'it has an example').toBeGreaterThan(0);
    expect(examples.filter((example) => !example.startsWith(`./keyrotator ${name}`))).toEqual([]);
    for (const example of examples) {
      const { code, stderr } = NEEDS_A_PROCESS.test(example)
        ? await runReally(example)
        : await runHere(words.get(example) ?? [], { cwd: folder, env });
      expect({
        example,
        code,
        stderr: stderr.replace(
          /^keyrotator: (?:\w+(?: and \w+)?: shown this once|it is sent within seconds[:,] |drained: |it is burned, ).*\n/,
          '',
        ),
      }).toEqual({
        example,
        code: 0,
        stderr: '',
      });
    }
  });

  function runReally(example: string): Promise<Ran> {
    installCommand(it.folder);
    return runShell(example, { cwd: it.folder, env: it.env });
  }
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
