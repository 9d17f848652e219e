import { describe, expect, it } from 'vitest';
import { warnedAt, warningDue } from '../../../src/domain/warnings.ts';

const DAY = 86_400_000;

describe('the delivery of which a daily limit is warned', () => {
  it.each([
    [10, 80, 8],
    [9, 50, 5],
    [10_000, 80, 8_000],
    [1_000_000_000, 1, 10_000_000],
    [100, 1, 1],
    [3, 34, 2],
  ])('of %i at %i per cent is number %i', (limit, percent, number) => {
    expect(warnedAt(limit, percent)).toBe(number);
  });

  it('is none where the last one would be it, or where there is no limit or no percentage', () => {
    expect(warnedAt(10, 100)).toBeNull();
    expect(warnedAt(1, 80)).toBeNull();
    expect(warnedAt(4, 80)).toBeNull();
    expect(warnedAt(null, 80)).toBeNull();
    expect(warnedAt(10, null)).toBeNull();
  });
});

it('an end is warned of within a week and within a day, and no more once it has come', () => {
  const at = 100 * DAY;
  const due = (left: number) => warningDue(at, at - left);
  expect([due(7 * DAY + 1), due(7 * DAY), due(DAY + 1), due(DAY), due(1), due(0), due(-1)]).toEqual([
    null,
    7,
    7,
    1,
    1,
    null,
    null,
  ]);
});
