/** What the vault takes for the address of a person: so little that it can be nothing else in the header of a mail. */
const MAX_LENGTH = 254;
/** Without `%` and `!`, by which old servers relay to somewhere else, and `?`, of which encoded words are made. */
const LOCAL = /^[a-z0-9#$&'*+/=^_`{|}~-]+(?:\.[a-z0-9#$&'*+/=^_`{|}~-]+)*$/i;
/** No top-level domain begins with a digit, as the end of an IP address does. */
const TOP_LEVEL = /\.[a-z][a-z0-9-]*$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** `local@domain` in ASCII, without quotes, comments, addresses in brackets or line breaks; the domain has a dot and is no IP address. */
export function isEmailAddress(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const [local = '', domain = '', ...more] = text.split('@');
  if (more.length > 0 || local.length > 64 || !LOCAL.test(local)) return false;
  return isDomain(domain) && TOP_LEVEL.test(domain);
}

export function isDomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label));
}

/** Whether mails may go to an address: to any domain where `domains`, in lower case, are none. */
export function mayBeMailed(address: string, domains: readonly string[]): boolean {
  if (!isEmailAddress(address)) return false;
  return domains.length === 0 || domains.includes(address.slice(address.indexOf('@') + 1).toLowerCase());
}
