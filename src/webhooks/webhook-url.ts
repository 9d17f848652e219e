import type { AddressGuard } from './address-guard.ts';

/**
 * What is wrong with a webhook's URL as somebody asks to save it: a detail for a 422, or null. Judges the text only.
 * Names are not looked up, since an answer of today binds nobody tomorrow; they are judged at every connection.
 * Characters that the URL parser drops or rewrites (white space, control characters, backslashes) are refused, so
 * that what is shown later is what was written.
 */
export function explainWebhookUrl(text: string, guard: AddressGuard): string | null {
  const url = UNTIDY.test(text) ? null : URL.parse(text);
  if (url === null || !/^[a-z]+:\/\/[^/]/i.test(text)) return 'is not an absolute URL';
  const objection = guard.objection(url);
  if (objection !== null) return objection;
  if (text.includes('#')) return 'must not have a fragment';
  const labels = url.hostname.replace(/\.$/, '').split('.');
  if (labels.includes('')) return 'has an empty label in its host name';
  if (labels.at(-1) === 'localhost' && !LOOPBACK.some(guard.isListed)) {
    return 'leads to this machine: KEYROTATOR_WEBHOOK_ALLOWED_ADDRESSES can list it';
  }
  return null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNTIDY = /[\u0000-\u0020\u007f\\]/;

/** RFC 6761, section 6.3: `localhost` and every name under it is one of these. */
const LOOPBACK = ['127.0.0.1', '::1'];
