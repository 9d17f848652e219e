/** The warning that tokens and keys travel in clear. */
import type { Config } from '../config/config.ts';
import type { Logger } from './log.ts';

const LOOPBACK = /^(?:127\.|::1$|::ffff:7f)/;

/** Where the service listens to others without TLS and names no proxy that could have ended it. */
export function warnOfPlainHttp({ tls, trustedProxies }: Config, url: string, log: Logger): void {
  const address = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (tls !== null || trustedProxies.length > 0 || LOOPBACK.test(address)) return;
  log.warn(
    { url },
    'plain HTTP: whoever is on the way can read tokens and keys. Set KEYROTATOR_TLS_CERT and KEYROTATOR_TLS_KEY, or put a proxy with TLS in front and name it in KEYROTATOR_TRUSTED_PROXIES',
  );
}
