import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainLines, plainText } from '../../../../src/cli/admin/plain-text.ts';
import { recordLines, Table } from '../../../../src/cli/admin/tables.ts';

describe('text from a server', () => {
  test.each([
    ['an ANSI sequence', 'a\x1b[31mred\x1b[0m', 'a\\u001b[31mred\\u001b[0m'],
    ['the C1 form of it', '\x9b31mred', '\\u009b31mred'],
    ['a title for the terminal', '\x1b]0;owned\x07', '\\u001b]0;owned\\u0007'],
    ['line ends', 'one\r\ntwo\u2028three', 'one\\r\\ntwo\\u2028three'],
    ['a tab, which separates cells', 'a\tb', 'a\\tb'],
    ['writing that is turned around', 'abc\u202Edcba', 'abc\\u202edcba'],
    ['what is never seen', 'a\u200b\u{E0041}b', 'a\\u200b\\udb40\\udc41b'],
    [
      'mark-up, which is nothing to a terminal',
      '<img src=x onerror=alert(1)>',
      '<img src=x onerror=alert(1)>',
    ],
    ['letters of all kinds', 'Schlüssel 鍵 👩‍💻', 'Schlüssel 鍵 👩‍💻'],
  ])('%s', (_what, text, shown) => {
    expect(plainText(text)).toBe(shown);
  });

  test('has nothing in it that a terminal obeys, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('as JSON means the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (json, text) => {
        const value = { json, [text]: text };
        const shown = plainLines(JSON.stringify(value));
        expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(shown).not.toMatch(/[^\P{Cc}\n\t]/u);
      }),
    );
  });
});

describe('rows', () => {
  const rows = [
    {
      id: 1,
      label: 'a\tb\x1b[2J',
      tags: { team: 'x', old: '' },
      ips: ['10.0.0.1', '::1'],
      actor: { name: 'root' },
    },
    { id: 22, label: null, tags: {}, ips: [], actor: null },
  ];
  const columns = ['id', 'label', 'tags', 'ips', 'actor.name'];

  test('for programs: a line each, as many cells as columns, no line of names', () => {
    expect(new Table(columns, false).page(rows)).toBe(
      '1\ta\\tb\\u001b[2J\tteam=x,old=\t10.0.0.1,::1\troot\n22\t\t\t\t\n',
    );
  });

  test('for people: aligned below the names, once for all pages', () => {
    const table = new Table(columns, true);
    expect(table.page(rows)).toBe(
      'ID  LABEL          TAGS         IPS           ACTOR.NAME\n' +
        '1   a\\tb\\u001b[2J  team=x,old=  10.0.0.1,::1  root\n' +
        '22  -              -            -             -\n',
    );
    expect(table.page([{ id: 3 }])).not.toContain('LABEL');
  });

  test('a thing has a line for each member, whose names are made plain, too', () => {
    expect(recordLines({ id: 1, '\x1b': [{ a: 1 }] }, false)).toBe('id\t1\n\\u001b\t[{"a":1}]\n');
  });
});
