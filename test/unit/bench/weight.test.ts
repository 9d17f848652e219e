import { describe, expect, test } from 'vitest';
import { readOptions } from '../../bench/options.ts';
import { verdict } from '../../bench/weight/part.ts';
import { slope } from '../../bench/weight/soak.ts';

describe('the weight bench', () => {
  test('finds the line through what memory was, in MB per hour', () => {
    const at = (hours: number, mb: number) => ({ hours, mb });
    expect(slope([at(0, 200), at(0.5, 210), at(1, 220)])).toBeCloseTo(20);
    expect(slope([at(0, 205), at(0.1, 195), at(0.2, 195), at(0.3, 205)])).toBeCloseTo(0);
  });

  test('holds the median of what was measured against the bound', () => {
    expect(verdict('throughput', { atLeast: 0.8 }, [0.7, 0.81, 2]).verdict).toBe('reached');
    expect(verdict('throughput', { atLeast: 0.8 }, [0.7, 0.79, 2]).verdict).toBe('MISSED');
    expect(verdict('p99', { atMost: 2 }, [1, 2.1, 3]).verdict).toBe('MISSED');
    expect(verdict('p99', { atMost: 2 }, []).verdict).toBe('INVALID');
  });

  test('measures every part, but the soak only where it is asked for', () => {
    const parts = (...args: string[]) => readOptions(['--weight', ...args])?.weight?.parts;
    expect(parts()).toEqual(['keys', 'history', 'import', 'neighbours', 'export']);
    expect(parts('--soak', '600')).toContain('soak');
    expect(parts('--only', 'soak,keys')).toEqual(['soak', 'keys']);
    expect(() => parts('--only', 'key')).toThrow(
      /--only takes keys, history, import, neighbours, export, soak/,
    );
    expect(readOptions([])?.weight).toBeNull();
  });
});
