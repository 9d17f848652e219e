import { errors } from 'undici';
import { BlockedAddress } from './address-guard.ts';

/** Why an attempt failed, in a word that may be shown to a tenant: it tells nothing of the network inside. */
export type SendError = (typeof SEND_ERRORS)[number];

export const SEND_ERRORS = [
  'invalid_url',
  'blocked_address',
  'dns_failed',
  'connect_failed',
  'proxy_failed',
  'tls_failed',
  'timeout',
  'connection_lost',
  'invalid_response',
  'http_status',
  'closed',
] as const;

/** The names that Node and OpenSSL give to a certificate or handshake that was not accepted. */
const TLS =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|INVALID_(CA|PURPOSE)$|PATH_LENGTH_)/;

const CODES: readonly (readonly [RegExp, SendError])[] = [
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, 'timeout'],
  [/^(ENOTFOUND|ENODATA|EAI_\w+)$/, 'dns_failed'],
  [
    /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EINVAL)$/,
    'connect_failed',
  ],
  [/^PROXY_FAILED$/, 'proxy_failed'],
  [TLS, 'tls_failed'],
  [/^(UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_\w+)$/, 'invalid_response'],
];

/**
 * Names what a request failed with. Whatever has no name of its own is a `connection_lost`: nothing that a receiver
 * does may come out as an exception.
 */
export function sendError(error: unknown): SendError {
  if (error instanceof BlockedAddress) return 'blocked_address';
  return named(error) ?? 'connection_lost';
}

function named(error: unknown): SendError | null {
  if (!(error instanceof Error)) return null;
  // undici's parser error has a code for some mistakes of a receiver and none for others.
  if (error instanceof errors.HTTPParserError) return 'invalid_response';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = CODES.find(([pattern]) => pattern.test(code));
  if (known !== undefined) return known[1];
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return inner.map(named).find((name) => name !== null) ?? null;
}
