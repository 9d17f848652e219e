import { describe, expect, test } from 'vitest';
import { type FileFormat, readImportFile } from '../../../../src/cli/admin/import-file.ts';

const CANARY = 'sk-canary-0123456789';
const read = (text: string | Buffer, name = 'keys.csv', format?: FileFormat) =>
  readImportFile(Buffer.from(text as string), name, format);

describe('a file of keys', () => {
  test('goes in portions of a thousand rows at most, each with the header line', () => {
    const rows = Array.from({ length: 2_500 }, (_, at) => `Key ${at},sk-${at}`);
    const { portions, rows: count } = read(['label,key', ...rows].join('\n'));
    expect(count).toBe(2_500);
    expect(portions.map(({ before, rows }) => [before, rows])).toEqual([
      [0, 1_000],
      [1_000, 1_000],
      [2_000, 500],
    ]);
    expect(portions[2]?.content.split('\n').slice(0, 2)).toEqual(['"label","key"', '"Key 2000","sk-2000"']);
  });

  test('goes in more portions where its rows are long', () => {
    const row = { label: 'x', key: 'k'.repeat(1_000_000) };
    const { portions } = read(
      JSON.stringify([row, row, row, row, { ...row, key: 'k'.repeat(5_000_000) }, row]),
      'k.json',
    );
    expect(portions.map(({ rows }) => rows)).toEqual([2, 2, 1, 1]);
    expect(portions.flatMap(({ content }) => JSON.parse(content))).toHaveLength(6);
  });

  test('keeps cells as they are, quotes, commas and line ends among them', () => {
    const { portions } = read('label,key\n"a ""b"", c",k1\n"two\nlines",k2\n');
    expect(portions[0]?.content).toBe('"label","key"\n"a ""b"", c","k1"\n"two\nlines","k2"\n');
  });

  test('knows the line of each row, with empty lines and lines within quotes counted', () => {
    const { lineOf } = read('\ufefflabel,key\nA,k1\n\n"two\nlines",k2\nC,k3\n');
    expect([1, 2, 3, 4].map(lineOf)).toEqual([2, 5, 6, null]);
  });

  test.each([
    ['by its name', '[]', 'keys.json', undefined, 0],
    ['by how it begins', ' \n[{"label": "a", "key": "b"}]', 'keys', undefined, 1],
    ['as it is said', '[{"label": "a", "key": "b"}]', 'keys.csv', 'json', 1],
  ] as const)('is JSON %s', (_how, text, name, format, count) => {
    expect(read(text, name, format).rows).toBe(count);
  });

  test.each([
    ['no JSON', `[{"key": "${CANARY}"`, 'keys.json', /^keys.json is not JSON$/],
    ['no array', `{"key": "${CANARY}"}`, 'keys.json', /^keys.json is not a JSON array of keys$/],
    [
      'an open quote',
      `label,key\nA,"${CANARY}\n`,
      'keys.csv',
      /^keys.csv is not CSV \(RFC 4180\): .*line \d+$/,
    ],
    ['no UTF-8', Buffer.from([0x6c, 0xff, 0x0a]), 'keys.csv', /^keys.csv is not UTF-8/],
    ['nothing', '', 'keys.csv', /^keys.csv has no header line/],
    ['a header line alone', `A,${CANARY}\n`, 'keys.csv', /^keys.csv has no row below its first line/],
  ])('that is %s is refused, and nothing of it told', (_what, text, name, message) => {
    expect(() => read(text, name)).toThrow(message);
    expect(() => read(text, name)).not.toThrow(CANARY);
  });
});
