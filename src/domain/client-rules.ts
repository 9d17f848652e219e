/**
 * What an app asks of whoever uses its token, beside the address: pages by `Origin` and `Referer`, programs by
 * `User-Agent`, the country, and https. Patterns match the whole value, and none becomes a regular expression. Pure.
 */
import { isCountry } from './country.ts';

/** A longer one matches no rule: matching takes as long as rules and text are, and others wait meanwhile. */
const LONGEST_USER_AGENT = 500;

/** So that what is remembered for very many apps has room. */
const REMEMBERED_LENGTH = 256;

/** What a request says of the client; null where it says nothing, or more than one thing. */
export interface ClientFacts {
  readonly origin: string | null;
  readonly referrer: string | null;
  readonly userAgent: string | null;
  /** Asked for only where an app blocks one; null where it cannot be found out. */
  readonly country: () => string | null;
  readonly https: boolean;
}

export interface OriginRule {
  readonly scheme: string;
  /** With `*` as the leftmost label where any label may stand there. */
  readonly host: string;
  readonly port: string;
}

/** `prefix`: whether whatever begins with `url` is meant. */
export interface ReferrerRule {
  readonly url: string;
  readonly prefix: boolean;
}

/** Whether a rule admits what was sent; null for nothing, or more than one thing. */
type Admits = (sent: string | null) => boolean;

/** What is null restricts nothing. */
export interface ClientRules {
  /** False where a rule could not be read: then nobody is admitted. */
  readonly readable: boolean;
  readonly admitsOrigin: Admits | null;
  readonly admitsReferrer: Admits | null;
  readonly admitsUserAgent: Admits | null;
  /** Null where the list could not be read: then no country passes. */
  readonly blockedCountries: ReadonlySet<string> | null;
  readonly https: boolean;
}

export interface StoredClientRules {
  readonly allowed_origins: readonly string[];
  readonly allowed_referrers: readonly string[];
  readonly allowed_user_agents: readonly string[];
  readonly blocked_countries: readonly string[];
  readonly require_https: boolean;
}

export type ClientRefusal =
  | 'referrer not allowed'
  | 'origin not allowed'
  | 'user agent not allowed'
  | 'country not allowed'
  | 'https required';

/** Why the client may not pass; null where it may. */
export function judgeClient(rules: ClientRules, facts: ClientFacts): ClientRefusal | null {
  if (!rules.readable) return 'origin not allowed';
  if (rules.admitsReferrer?.(facts.referrer) === false) return 'referrer not allowed';
  if (rules.admitsOrigin?.(facts.origin) === false) return 'origin not allowed';
  if (rules.admitsUserAgent?.(facts.userAgent) === false) return 'user agent not allowed';
  if (isCountryBlocked(rules.blockedCountries, facts)) return 'country not allowed';
  return rules.https && !facts.https ? 'https required' : null;
}

/** Null for an app that asks for nothing. */
export function compileClientRules(stored: StoredClientRules): ClientRules | null {
  const origins = stored.allowed_origins.map(parseOriginRule);
  const referrers = stored.allowed_referrers.map(parseReferrerRule);
  const { allowed_user_agents: userAgents, blocked_countries: countries, require_https: https } = stored;
  const lists = [origins, referrers, userAgents, countries];
  if (lists.every(({ length }) => length === 0) && !https) return null;
  return {
    readable: !origins.includes(null) && !referrers.includes(null) && userAgents.every(isUserAgentRule),
    admitsOrigin: admitting(origins, isOriginAllowed),
    admitsReferrer: admitting(referrers, isReferrerAllowed),
    admitsUserAgent: admitting(userAgents, isUserAgentAllowed),
    blockedCountries: countries.every(isCountry) ? new Set(countries) : null,
    https,
  };
}

/** `scheme://host[:port]` of http or https, where the leftmost label of the host may be `*`; null for anything else. */
export function parseOriginRule(text: string): OriginRule | null {
  const rule = parseOrigin(text);
  if (rule === null) return null;
  const [first = '', ...rest] = rule.host.split('.');
  if (rest.some((label) => label.includes('*'))) return null;
  if (!first.includes('*')) return rule;
  return first === '*' && rest.length > 0 ? rule : null;
}

/** A URL of http or https without a fragment, whose path may end in `*`; null for anything else. */
export function parseReferrerRule(text: string): ReferrerRule | null {
  const prefix = text.endsWith('*');
  const plain = prefix ? text.slice(0, -1) : text;
  if (plain.includes('*') || plain.includes('#')) return null;
  // The star stands in the path: behind the host it would reach into other hosts.
  if (prefix && !/^[a-z]+:\/\/[^/?]+\//i.test(plain)) return null;
  // With something in the place of the star, so that dots before it are not taken for a way up.
  const url = parseReferrer(prefix ? `${plain}x` : plain);
  return url === null ? null : { url: prefix ? url.slice(0, -1) : url, prefix };
}

export function isUserAgentRule(text: string): boolean {
  return text.length > 0 && text.length <= 500 && !/\p{Cc}/u.test(text);
}

/** Null for no rules. A program sends the same each time: the last answer is remembered, to a text of moderate length. */
function admitting<R>(
  stored: readonly (R | null)[],
  isAllowed: (rules: readonly R[], sent: string) => boolean,
): Admits | null {
  if (stored.length === 0) return null;
  const rules = stored.filter((rule) => rule !== null);
  let last: { readonly sent: string; readonly allowed: boolean } | null = null;
  return (sent) => {
    if (sent === null) return false;
    if (last?.sent === sent) return last.allowed;
    const allowed = isAllowed(rules, sent);
    if (sent.length <= REMEMBERED_LENGTH) last = { sent, allowed };
    return allowed;
  };
}

function isOriginAllowed(rules: readonly OriginRule[], sent: string): boolean {
  const origin = parseOrigin(sent);
  if (origin === null) return false;
  return rules.some(
    ({ scheme, host, port }) =>
      scheme === origin.scheme &&
      port === origin.port &&
      (host === origin.host || isBelow(host, origin.host)),
  );
}

/** `*` stands for one label, as in a certificate's name (RFC 6125, section 6.4.3). */
function isBelow(rule: string, host: string): boolean {
  if (!rule.startsWith('*.')) return false;
  const parent = rule.slice(1);
  return host.endsWith(parent) && host.length > parent.length && !host.slice(0, -parent.length).includes('.');
}

function isReferrerAllowed(rules: readonly ReferrerRule[], sent: string): boolean {
  const referrer = parseReferrer(sent);
  if (referrer === null) return false;
  return rules.some(({ url, prefix }) => (prefix ? referrer.startsWith(url) : referrer === url));
}

function isUserAgentAllowed(rules: readonly string[], sent: string): boolean {
  return sent.length <= LONGEST_USER_AGENT && rules.some((pattern) => matches(pattern, sent));
}

function isCountryBlocked(blocked: ReadonlySet<string> | null, { country }: ClientFacts): boolean {
  if (blocked === null) return true;
  if (blocked.size === 0) return false;
  const code = country();
  return code === null || blocked.has(code);
}

/** `*` in the pattern stands for any run of characters: its runs are looked for one after the other, each as early as it can be. */
export function matches(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  const end = text.length - last.length;
  if (!text.endsWith(last)) return false;
  let at = first.length;
  for (const run of others) {
    const found = text.indexOf(run, at);
    if (found < 0 || found + run.length > end) return false;
    at = found + run.length;
  }
  return true;
}

function parseOrigin(text: string): OriginRule | null {
  // Without a path, not even an empty one: that is how an origin is written (RFC 6454, section 6.1).
  if (!/^https?:\/\/[^/?#@\s]+$/i.test(text)) return null;
  const url = parseUrl(text);
  return url === null ? null : { scheme: url.protocol, host: url.hostname, port: url.port };
}

/** The URL in its one form: host in lower case and ASCII, no default port, no `..`. */
function parseReferrer(text: string): string | null {
  const url = parseUrl(text);
  if (url === null || url.username !== '' || url.password !== '') return null;
  return `${url.origin}${url.pathname}${url.search}`;
}

function parseUrl(text: string): URL | null {
  if (/[\s\p{Cc}\\]/u.test(text)) return null;
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null;
}
