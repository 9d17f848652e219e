import { describe, expect, test } from 'vitest';
import { tag, tags } from '../../../../src/cli/admin/options.ts';

describe('a tag to look for', () => {
  const { parse, value } = tag('with this tag');

  test.each([
    ['team=search', 'team:search'],
    ['team:search', 'team:search'],
    ['team', 'team'],
    ['team=', 'team:'],
    ['url=https://a/?b=c', 'url:https://a/?b=c'],
    ['url:https://a/?b=c', 'url:https://a/?b=c'],
    ['x=y:z', 'x:y:z'],
  ])('%s is sent as %s', (given, sent) => {
    expect(parse(given, undefined)).toBe(sent);
  });

  test('has a name', () => {
    expect(() => parse('=search', undefined)).toThrow('name=value, or a name alone');
  });

  test('has the form in the help in which tags are given', () => {
    expect(value).toBe(tags('a tag').value);
  });
});
