/**
 * The form of a delivery request: what may stand where, and how often. Everything that is wrong with the form is an
 * `invalid request`; what is absent or empty is `missing token or service`. Each says in its detail what to send instead.
 */
import type { IncomingMessage } from 'node:http';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { countHeader, hasOneHost } from '../header-fields.ts';

export interface ParsedRequest {
  readonly token: string;
  readonly service: string;
  readonly mask: boolean;
}

const NO_TOKEN = missing('Send a token: Authorization: Bearer <token>.');
const NO_SERVICE = missing('Name a service: ?service=<slug>.');
const NOT_ONE_HOST = invalid('Send one Host header.');
const UNDECODABLE = invalid('The query has a percent escape that is not UTF-8 text, or a NUL.');
const MANY_AUTHORIZATIONS = invalid('Send one Authorization header.');
const NOT_BEARER = invalid('Send the token as Authorization: Bearer <token>: no other scheme is taken.');
const TWO_TOKENS = invalid('Send the token in the header or in the query, not in both.');
const NO_MASK = invalid('mask is 1, true, 0 or false.');
const TOKENS = ['token', 'app_token'] as const;
const PARAMETERS = ['service', ...TOKENS, 'mask'] as const;
type Parameter = (typeof PARAMETERS)[number];
type Parameters = Partial<Record<Parameter, string>>;

/** Parses; `query` is what follows the `?`, as it was sent. */
export function parseDeliveryRequest(request: IncomingMessage, query: string): ParsedRequest | Refusal {
  const credential = parseCredential(request, query, PARAMETERS);
  if ('reason' in credential) return credential;
  const { token, parameters } = credential;
  const mask = parseMask(parameters.mask);
  if (mask === null) return NO_MASK;
  if (token === '') return NO_TOKEN;
  if (!parameters.service) return NO_SERVICE;
  return { token, service: parameters.service, mask };
}

/** The token of a request that takes no other parameters. */
export function parseToken(request: IncomingMessage, query: string): { token: string } | Refusal {
  const credential = parseCredential(request, query, TOKENS);
  return 'reason' in credential || credential.token !== '' ? credential : NO_TOKEN;
}

/** `token` is '' where there is none. */
function parseCredential(
  request: IncomingMessage,
  query: string,
  names: readonly Parameter[],
): { token: string; parameters: Parameters } | Refusal {
  if (!hasOneHost(request)) return NOT_ONE_HOST;
  const parameters = parseQuery(query, names);
  if ('reason' in parameters) return parameters;
  const bearer = parseBearer(request);
  if (typeof bearer !== 'string') return bearer;
  const fromQuery = parameters.app_token || parameters.token || '';
  if (bearer !== '' && fromQuery !== '') return TWO_TOKENS;
  return { token: bearer || fromQuery, parameters };
}

export function invalid(detail: string): Refusal {
  return { ...refuse('invalid request'), detail };
}

function missing(detail: string): Refusal {
  return { ...refuse('missing token or service'), detail };
}

/** The parameters of a query with these names, unless one is there twice, is no plain string, or anything does not decode. */
function parseQuery(query: string, names: readonly Parameter[]): Parameters | Refusal {
  const found: Parameters = {};
  if (query === '') return found;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === null || value === null) return UNDECODABLE;
    const parameter = names.find((known) => name === known);
    if (parameter !== undefined) {
      if (found[parameter] !== undefined) return invalid(`Send ${parameter} once.`);
      found[parameter] = value;
    } else {
      const list = names.find((known) => name.startsWith(`${known}[`));
      if (list !== undefined) return invalid(`Send ${list} once, without brackets.`);
    }
  }
  return found;
}

/** Decodes as application/x-www-form-urlencoded does; null for an escape that is none, bytes that are not UTF-8, or a NUL. */
function decode(text: string): string | null {
  let decoded = text;
  if (text.includes('%') || text.includes('+')) {
    try {
      decoded = decodeURIComponent(text.replaceAll('+', ' '));
    } catch {
      return null;
    }
  }
  return decoded.includes('\0') ? null : decoded;
}

/** The bearer token, '' where there is none; a refusal for an Authorization that is no single Bearer. */
function parseBearer(request: IncomingMessage): string | Refusal {
  const header = request.headers.authorization;
  if (header === undefined) return '';
  if (countHeader(request, 'authorization') !== 1) return MANY_AUTHORIZATIONS;
  const space = header.indexOf(' ');
  const scheme = space < 0 ? header : header.slice(0, space);
  if (scheme.toLowerCase() !== 'bearer') return NOT_BEARER;
  return space < 0 ? '' : header.slice(space + 1).trim();
}

function parseMask(value: string | undefined): boolean | null {
  if (value === undefined || value === '0' || value === 'false') return false;
  return value === '1' || value === 'true' ? true : null;
}
