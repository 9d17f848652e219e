import type { z } from 'zod';

const TYPES: Readonly<Record<string, string>> = {
  string: 'must be text',
  number: 'must be a whole number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
};

/**
 * What is wrong with a value, in words for whoever sent it, where its schema has none of its own. To be given to every
 * `safeParse` whose mistakes are shown. Repeats nothing of the value.
 */
export function plainWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is required';
      if (issue.expected === 'string' && Array.isArray(issue.input)) return 'must be one text and no list';
      return TYPES[issue.expected] ?? 'is not of the type that is taken';
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${issue.values.join(' or ')}`;
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty';
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_key':
      return `has a name that cannot be used: it ${issue.issues[0]?.message ?? 'is not taken'}`;
    default:
      return 'is not what is taken here';
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}
