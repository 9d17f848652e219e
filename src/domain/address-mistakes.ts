const SHAPE =
  'an address such as 203.0.113.7 or 2001:db8::7, or a block such as 203.0.113.0/24 or 2001:db8::/32';
const LONGEST = 64;

/**
 * What to do about a text that was meant as an address and is none. The text itself is never repeated: it may be a
 * secret that was pasted into the wrong field.
 */
export function addressMistake(text: string): string {
  if (text.length > LONGEST) return `write ${SHAPE}`;
  if (/\s/.test(text)) return 'remove the white space; an entry is one address or one block';
  if (text.includes('%'))
    return 'leave out the zone id (from the % on); a rule cannot be bound to an interface';
  if (text.includes('[') || text.includes(']')) return 'leave out the brackets, and the port if there is one';
  if (/^[0-9.]+:[0-9]*$/.test(text)) return 'leave out the port; a rule is about addresses only';
  if (/^[0-9.]*$/.test(text.slice(text.lastIndexOf(':') + 1)) && /(?:^|[.:])0[0-9]+(?:\.|$)/.test(text)) {
    return 'write the parts of an IPv4 address in decimal without leading zeros, which some programs read as octal';
  }
  return `this is neither an address nor a block: write ${SHAPE}`;
}

/** What to do about what stands behind the slash, where it is not a prefix length from 0 to `longest`. */
export function prefixLengthMistake(family: 4 | 6, longest: number): string {
  return `the prefix length of an IPv${family} block is a whole number from 0 to ${longest} without sign or leading zeros`;
}

/** What to do about an IPv4-mapped block; `meant` is the IPv4 block it stands for, null where there is none. */
export function mappedBlockMistake(meant: string | null): string {
  return `IPv4 clients always match as IPv4: write ${meant ?? 'the block in dotted decimal'} instead of a mapped block`;
}

/** What to do about a block with host bits set: `block` is the one around `address` that was probably meant. */
export function hostBitsMistake(block: string, address: string): string {
  return `bits outside the prefix are set: write ${block} for the whole block, or ${address} for the one address`;
}
