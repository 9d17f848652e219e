/** The certificate and the key that the service serves https with: both or neither, and they have to fit. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fileOf, unreadable, withoutLineEnd } from './env.ts';

/** In PEM. The server's own certificate is the first. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

export interface TlsConfig extends TlsPair {
  /** Where each is read from; null where the variable itself has it. */
  readonly files: { readonly cert: string | null; readonly key: string | null };
}

const NAMES = { cert: 'KEYROTATOR_TLS_CERT', key: 'KEYROTATOR_TLS_KEY' } as const;
const PARTS = ['cert', 'key'] as const;

/** Null where neither is given. Adds to `mistakes` what keeps them from being used, each told once. */
export function readTls(
  given: { readonly [Part in keyof TlsPair]: string | undefined },
  env: NodeJS.ProcessEnv | undefined,
  mistakes: string[],
): TlsConfig | null {
  const files = { cert: fileOf(NAMES.cert, env), key: fileOf(NAMES.key, env) };
  const { cert, key } = given;
  if (cert !== undefined && key !== undefined) {
    mistakes.push(...mistakesOf({ cert, key }));
    return { cert, key, files };
  }
  for (const part of PARTS) {
    const name = NAMES[part];
    const other = part === 'cert' ? 'key' : 'cert';
    const isToldOf = mistakes.some((line) => [name, `${name}_FILE`].includes(line.split(' ')[0] ?? ''));
    if (given[part] === undefined && given[other] !== undefined && !isToldOf)
      mistakes.push(`${name} must be given with ${NAMES[other]}: https takes both`);
  }
  return null;
}

/** Why the pair cannot be used, in lines that name the variable and say what to do; none where it can. */
export function mistakesOf({ cert, key }: TlsPair): string[] {
  const mistakes: string[] = [];
  if (!(isUsable({ cert }) && hasCertificate(cert)))
    mistakes.push(
      `${NAMES.cert} must be a certificate in PEM, whole, and after it nothing but those that vouch for it`,
    );
  if (!isUsable({ key })) mistakes.push(`${NAMES.key} must be a private key in PEM, without a passphrase`);
  if (mistakes.length === 0 && !isUsable({ cert, key }))
    mistakes.push(
      `${NAMES.key} is not the key of the first certificate in ${NAMES.cert}: the server's own goes first`,
    );
  return mistakes;
}

/** What the files hold now, or the line that says which cannot be read. */
export async function readPair({ cert, key, files }: TlsConfig): Promise<TlsPair | string> {
  const pair = { cert, key };
  for (const part of PARTS) {
    const file = files[part];
    if (file === null) continue;
    try {
      pair[part] = withoutLineEnd(await readFile(file, 'utf8'));
    } catch (error) {
      return unreadable(NAMES[part], error);
    }
  }
  return pair;
}

/** From when to when the server's own certificate holds, in Unix milliseconds. */
export function validityOf(cert: string): { from: number; to: number } {
  const { validFromDate, validToDate } = new X509Certificate(cert);
  return { from: validFromDate.getTime(), to: validToDate.getTime() };
}

function isUsable(pair: Partial<TlsPair>): boolean {
  // Node takes an empty text for an option that was not given.
  if (Object.values(pair).includes('')) return false;
  try {
    createSecureContext(pair);
    return true;
  } catch {
    return false;
  }
}

function hasCertificate(cert: string): boolean {
  try {
    return new X509Certificate(cert).raw.length > 0;
  } catch {
    return false;
  }
}
