/**
 * The form of a delivery request: what may stand where, and how often. Everything that is wrong with the form is an
 * `invalid request`; what is absent or empty is `missing token or service`.
 */
import type { IncomingMessage } from 'node:http';
import { type Refusal, refuse } from '../../domain/refusal.ts';
import { countHeader, hasOneHost } from '../header-fields.ts';

export interface ParsedRequest {
  readonly token: string;
  readonly service: string;
  readonly mask: boolean;
}

const INVALID = refuse('invalid request');
const MISSING = refuse('missing token or service');
const PARAMETERS = ['service', 'token', 'app_token', 'mask'] as const;
type Parameter = (typeof PARAMETERS)[number];

/** Parses; `query` is what follows the `?`, as it was sent. */
export function parseDeliveryRequest(request: IncomingMessage, query: string): ParsedRequest | Refusal {
  if (!hasOneHost(request)) return INVALID;
  const parameters = parseQuery(query);
  if (parameters === null) return INVALID;
  const bearer = parseBearer(request);
  if (bearer === null) return INVALID;

  const fromQuery = parameters.app_token || parameters.token || '';
  if (bearer !== '' && fromQuery !== '') return INVALID;
  const mask = parseMask(parameters.mask);
  if (mask === null) return INVALID;

  const token = bearer || fromQuery;
  if (token === '' || !parameters.service) return MISSING;
  return { token, service: parameters.service, mask };
}

/** The known parameters of a query, or null where one is there twice, is no plain string, or anything does not decode. */
function parseQuery(query: string): Partial<Record<Parameter, string>> | null {
  const found: Partial<Record<Parameter, string>> = {};
  if (query === '') return found;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === null || value === null) return null;
    const parameter = PARAMETERS.find((known) => name === known);
    if (parameter !== undefined) {
      if (found[parameter] !== undefined) return null;
      found[parameter] = value;
    } else if (PARAMETERS.some((known) => name.startsWith(`${known}[`))) {
      return null;
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

/** The bearer token, '' where there is none, or null for an Authorization that is no single Bearer. */
function parseBearer(request: IncomingMessage): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return '';
  if (countHeader(request, 'authorization') !== 1) return null;
  const space = header.indexOf(' ');
  const scheme = space < 0 ? header : header.slice(0, space);
  if (scheme.toLowerCase() !== 'bearer') return null;
  return space < 0 ? '' : header.slice(space + 1).trim();
}

function parseMask(value: string | undefined): boolean | null {
  if (value === undefined || value === '0' || value === 'false') return false;
  return value === '1' || value === 'true' ? true : null;
}
