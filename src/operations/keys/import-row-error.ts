/** What is wrong with a row of an import, in words that hold nothing of its key. */
import type { z } from 'zod';

export function rowError(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => `unknown ${shownName(name)}`).join('; ');
  }
  const [member] = issue.path;
  return member === undefined ? 'the row is no object' : `${String(member)}: ${issue.message}`;
}

/** The name of a member; not of one that does not look like a name: a key may have come into its place. */
export function shownName(name: string): string {
  return /^[A-Za-z_ -]{1,30}$/.test(name)
    ? `member "${name}"`
    : 'member (what stands for its name may be a key)';
}
