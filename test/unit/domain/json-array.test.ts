import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitJsonArray } from '../../../src/domain/json-array.ts';

function parseBySplitting(text: string): unknown {
  return [...splitJsonArray(text, Number.POSITIVE_INFINITY)].map((element) => JSON.parse(element));
}

function outcomeOf(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return (error as Error).name;
  }
}

describe('splitting a JSON array', () => {
  it('gives the elements that parsing it whole gives', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (array, indent) => {
        const text = `\r\n ${JSON.stringify(array, null, indent)} \t`;
        expect(parseBySplitting(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes no text that is not a JSON array, and any that is', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      '\\',
      ':',
      ' ',
      '1',
      'a',
      '"a"',
      '{"a":1}',
      '\u00a0',
    );
    const damaged = fc
      .tuple(fc.array(fc.jsonValue()), fc.nat(), fc.nat(3), piece)
      .map(([array, at, length, put]) => {
        const text = JSON.stringify(array);
        const from = at % (text.length + 1);
        return text.slice(0, from) + put + text.slice(from + length);
      });
    const text = fc.oneof(
      damaged,
      fc.array(piece).map((pieces) => `[${pieces.join('')}]`),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const whole = outcomeOf(JSON.parse, candidate);
        fc.pre(whole === 'SyntaxError' || Array.isArray(whole));
        expect(outcomeOf(parseBySplitting, candidate)).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });

  it('looks at no more of an element than it may have', () => {
    const split = (text: string) => [...splitJsonArray(text, 8)];
    expect(split('["aaaaaa",   "b"  ,3]')).toEqual(['"aaaaaa"', '   "b"  ', '3']);
    expect(() => split('["aaaaaaa"]')).toThrow(RangeError);
    // None of these ends: who reads on says that it is a SyntaxError.
    for (const text of [
      '["aaaaaaaaaa',
      '[1234567890',
      `[${' '.repeat(30)}`,
      `[1,${' '.repeat(30)}`,
      '[[[[[[[[[[[[',
      `[1]${' '.repeat(30)}`,
      `${' '.repeat(30)}[1]`,
    ]) {
      expect(() => split(text), text).toThrow(RangeError);
    }
    expect(split('        [        ]        ')).toEqual([]);
  });

  it('repeats nothing of the text in its errors', () => {
    for (const text of ['secret', '[{"a":"secret"', '["secret', '["x"] secret', '["secret"}']) {
      expect(() => parseBySplitting(text)).toThrow(expect.not.objectContaining({ message: /secret/ }));
    }
  });
});
