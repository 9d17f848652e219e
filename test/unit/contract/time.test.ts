import { describe, expect, it } from 'vitest';
import { showTime, time } from '../../../src/contract/common.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe('a time', () => {
  it.each([
    ['2030-01-31T00:00:00Z', '2030-01-31T00:00:00.000Z'],
    ['2030-01-31T00:00:00.1234+05:30', '2030-01-30T18:30:00.123Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is shown as %s', (given, shown) => {
    expect(showTime(time.parse(given))).toBe(shown);
    expect(shown).toMatch(RFC_3339);
  });

  it.each(['9999-12-31T23:59:59-00:01', '9999-12-31T23:59:59.999-23:59', '0000-01-01T00:00:00+00:01'])(
    '%s, which would be shown with a year that RFC 3339 does not have, is refused',
    (given) => {
      const { error } = time.safeParse(given);
      expect(error?.issues.map(({ message }) => message)).toEqual([
        'must be from 0000-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z',
      ]);
    },
  );
});
