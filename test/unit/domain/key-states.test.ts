/** docs/key-states.md says of a key what src/domain/key-states.ts does. */
import { expect, test } from 'vitest';
import { TRANSITIONS } from '../../../src/domain/key-states.ts';
import { SHOWN_KEY_STATES } from '../../../src/domain/policy-key.ts';
import { inBackticks, readDocument, section, tableRows } from '../../support/markdown.ts';

const DOCUMENT = readDocument('docs/key-states.md');

/** What is drawn as one. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  serving: ['standby', 'active'],
  ended: ['retiring', 'retired', 'expired', 'quarantined'],
};

function pairs(from: readonly string[], to: readonly string[]): string[] {
  return from.flatMap((one) => to.filter((other) => other !== one).map((other) => `${one} → ${other}`));
}

test('the picture has every change that there is, and no other', () => {
  const [, picture = ''] = /```mermaid\n([^`]+)```/.exec(DOCUMENT) ?? [];
  const edges = [...picture.matchAll(/^ *(\w+)(?:\(\(\w+\)\))? -- [^>]+ --> (\w+)$/gm)];
  expect(edges).toHaveLength(picture.split('-->').length - 1);
  const of = (name = '') => GROUPS[name] ?? [name];
  const drawn = edges.flatMap(([, from, to]) => pairs(of(from), of(to)));
  const known = TRANSITIONS.flatMap(({ from, to }) => pairs(from ?? ['new'], to));
  expect([...new Set(drawn)].toSorted()).toEqual([...new Set(known)].toSorted());
});

test('the table says of each when it happens, and what tells of it', () => {
  const rows = tableRows(section(DOCUMENT, 'What happens to a key when')).map(
    ([from = '', to = '', when = '', audit = '', event = '']) => ({
      from: from === 'new' ? null : inBackticks(from),
      to: inBackticks(to),
      when: when.replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1'),
      audit: inBackticks(audit)[0],
      event: inBackticks(event)[0] ?? null,
    }),
  );
  const byText = (list: readonly object[]) => list.map((each) => JSON.stringify(each)).toSorted();
  expect(byText(rows)).toEqual(byText(TRANSITIONS));
});

test('every state is come to', () => {
  expect(new Set(TRANSITIONS.flatMap(({ to }) => to))).toEqual(new Set(SHOWN_KEY_STATES));
});

test('nothing leads out of burned', () => {
  expect(TRANSITIONS.filter(({ from }) => from?.includes('burned'))).toEqual([]);
});
