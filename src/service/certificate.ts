/** Keeps the certificate that is served up to date with its files, and tells in time that it ends. */
import { mistakesOf, readPair, type TlsConfig, type TlsPair, validityOf } from '../config/tls.ts';
import type { Logger } from './log.ts';

const DAY_MS = 86_400_000;
const WARN_BEFORE_MS = 14 * DAY_MS;

export interface CertificateOptions {
  readonly log: Logger;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Told when the certificate that is served ends, in Unix milliseconds. */
  readonly served: (endsAt: number) => void;
  /** From now on this pair is served. */
  readonly use: (pair: TlsPair) => void;
}

export class CertificateKeeper {
  readonly #tls: TlsConfig;
  readonly #options: CertificateOptions;
  #served: TlsPair;
  /** What was found last and could not be used; told of once it is found a second time: a renewal writes two files. */
  #unusable: string | null = null;
  #toldOf: string | null = null;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor(tls: TlsConfig, options: CertificateOptions) {
    this.#tls = tls;
    this.#options = options;
    this.#served = tls;
    this.#tellOfEnd();
  }

  /** Takes over what the files hold where that can be used; else the pair that is served stays, and the log says why. */
  async look(): Promise<void> {
    const found = await readPair(this.#tls);
    const mistakes = typeof found === 'string' ? [found] : this.#isServed(found) ? [] : mistakesOf(found);
    if (mistakes.length > 0) this.#keepServing(JSON.stringify(found), mistakes);
    else this.#take(found as TlsPair);
    this.#tellOfEnd();
  }

  #isServed({ cert, key }: TlsPair): boolean {
    return cert === this.#served.cert && key === this.#served.key;
  }

  #take(pair: TlsPair): void {
    this.#unusable = null;
    this.#toldOf = null;
    if (this.#isServed(pair)) return;
    this.#options.use(pair);
    this.#served = pair;
    this.#warnedAt = Number.NEGATIVE_INFINITY;
    const expires = new Date(validityOf(pair.cert).to).toISOString();
    this.#options.log.info({ expires }, 'the certificate was replaced');
  }

  #keepServing(found: string, mistakes: readonly string[]): void {
    if (found === this.#unusable && found !== this.#toldOf) {
      this.#toldOf = found;
      this.#options.log.error(
        { mistakes },
        'the new certificate cannot be used: the old one is still served',
      );
    }
    this.#unusable = found;
  }

  /** Once a day in the last 14 days, of a certificate for less than 42 days in the last third of its time. */
  #tellOfEnd(): void {
    const { log, served, now } = this.#options;
    const { from, to } = validityOf(this.#served.cert);
    served(to);
    const left = to - now();
    if (left > Math.min(WARN_BEFORE_MS, (to - from) / 3) || now() - this.#warnedAt < DAY_MS) return;
    this.#warnedAt = now();
    const fields = { expires: new Date(to).toISOString() };
    if (left > 0) log.warn(fields, 'the certificate ends soon: renew it');
    else log.error(fields, 'the certificate has ended: clients refuse it until it is renewed');
  }
}
