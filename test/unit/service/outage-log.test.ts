import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OutageLog } from '../../../src/service/outage-log.ts';
import { StorageError } from '../../../src/storage/errors.ts';

const FULL = new StorageError('SQLITE_FULL', 'database or disk is full');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('an outage is one line, however often a trial succeeds between deliveries that fail, and its end is another', async () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const outage = new OutageLog(log, async () => {});
  for (let at = 0; at < 100; at++) {
    outage.failed(FULL);
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(lines).toEqual(['storage failed: deliveries are refused until it works again']);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(lines.slice(1)).toEqual(['storage works again']);
  outage.failed(FULL);
  expect(lines).toHaveLength(3);
  outage.close();
});
