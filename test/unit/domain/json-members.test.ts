import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedMember } from '../../../src/domain/json-members.ts';

describe('a member that is twice in an object', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{"a":{"b":1},"c":[{"b":1, "b" \n:2}]}]', 'b'],
    ['{"a":"a","b":["a","a"],"c":{"a":{"a":0}},"d":"\\"a\\":"}', null],
    ['{"":1,"":2}', ''],
    ['["a","a"]', null],
    ['"a:a"', null],
  ])('%s: %j', (text, expected) => {
    expect(repeatedMember(text)).toBe(expected);
  });

  it('is in no text that JSON.stringify made, and in every one that a member was added to again', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(repeatedMember(text)).toBeNull();
        const name = JSON.stringify('again');
        expect(repeatedMember(`{${name}:${text},"x":${text}, ${name}: 1}`)).toBe('again');
        expect(repeatedMember(`[${text},{"x":${text}, ${name}: 1, ${name}:${text}}]`)).toBe('again');
      }),
    );
  });
});
