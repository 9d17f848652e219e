import { parquetReadObjects } from 'hyparquet';
import { afterEach, expect, it, vi } from 'vitest';
import { ParquetWriter } from '../../../src/audit/parquet-writer.ts';

const COLUMNS = [
  { name: 'id', type: 'integer' },
  { name: 'text', type: 'text', optional: true },
] as const;
const writers: ParquetWriter[] = [];

function start(): ParquetWriter {
  const writer = new ParquetWriter(COLUMNS);
  writers.push(writer);
  return writer;
}

afterEach(() => {
  for (const writer of writers.splice(0)) writer.close();
});

it('gives a file in parts, a group of rows at a time', async () => {
  const writer = start();
  const parts: Uint8Array[] = [];
  for (let page = 0; page < 25; page++) {
    parts.push(
      await writer.add(Array.from({ length: 100 }, (_, at) => [page * 100 + at, at === 0 ? null : 'x'])),
    );
  }
  // Of the first page there is the file's beginning, and with the twentieth there are rows for a group.
  expect(parts.flatMap((part, page) => (part.length > 0 ? [page] : []))).toEqual([0, 19]);
  parts.push(await writer.end());
  const { buffer } = new Uint8Array(Buffer.concat(parts));
  const rows = await parquetReadObjects({ file: buffer });
  expect(rows).toHaveLength(2_500);
  expect(rows.slice(99, 102)).toEqual([
    { id: 99n, text: 'x' },
    { id: 100n, text: null },
    { id: 101n, text: 'x' },
  ]);
});

it('gives a group early where its rows are long', async () => {
  const writer = start();
  await writer.add([[1, 'short']]);
  expect(await writer.add([[2, 'x'.repeat(3_999_994)]])).toHaveLength(0);
  expect((await writer.add([[3, 'y']])).length).toBeGreaterThan(0);
});

it('makes several at a time, and goes on with the others where one is closed or cannot be made', async () => {
  const [first, second, third] = [start(), start(), start()];
  for (const writer of [first, second, third]) await writer.add([[1, 'a']]);
  await second.add([['no number', 'b']]);
  await expect(second.end()).rejects.toThrow(/BigInt/);
  await expect(second.add([[2, 'b']])).rejects.toThrow(/BigInt/);
  third.close();
  await first.add([[2, 'b']]);
  const bytes = await first.end();
  expect(Buffer.from(bytes.slice(-4)).toString()).toBe('PAR1');
});

it('leaves nobody waiting when it is closed, and the next one has a thread again', async () => {
  const writer = start();
  const failed = expect(writer.add([[1, 'a']])).rejects.toThrow('is closed');
  writer.close();
  await failed;
  await expect(writer.end()).rejects.toThrow('is closed');
  const next = start();
  await next.add([[1, 'a']]);
  expect((await next.end()).length).toBeGreaterThan(0);
});

it('has one thread for all files, and none where no file is made', async () => {
  const ports = () => process.getActiveResourcesInfo().filter((each) => each === 'MessagePort').length;
  const first = start();
  await first.add([[1, 'a']]);
  const withOne = ports();
  const others = [start(), start()];
  for (const writer of others) await writer.add([[1, 'a']]);
  expect(ports()).toBeLessThanOrEqual(withOne);
  for (const writer of [first, ...others]) writer.close();
  await vi.waitFor(() => expect(ports()).toBeLessThan(withOne));
});
