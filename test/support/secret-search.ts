/** Looks for secrets where none may be, in every notation that they would still be usable in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Secret {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A place that must hold no secret, and what is in it. */
export interface Place {
  readonly name: string;
  readonly content: Uint8Array | string;
}

export function secret(name: string, text: string): Secret {
  return { name, bytes: Buffer.from(text) };
}

/** The secrets found, each as `<secret>, as <notation>, in <place>`. */
export function findSecrets(secrets: readonly Secret[], places: readonly Place[]): string[] {
  const notations = secrets.flatMap(({ name, bytes }) =>
    notationsOf(Buffer.from(bytes)).map(([notation, needle]) => ({ name, notation, needle })),
  );
  return places.flatMap((place) => {
    const content = Buffer.from(place.content);
    const lower = Buffer.from(content.toString('latin1').toLowerCase(), 'latin1');
    return notations
      .filter(({ notation, needle }) => (notation === 'hex' ? lower : content).includes(needle))
      .map(({ name, notation }) => `${name}, as ${notation}, in ${place.name}`);
  });
}

/** Every file below a folder. */
export function filesIn(folder: string): Place[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, content: readFileSync(join(entry.parentPath, entry.name)) }));
}

function notationsOf(bytes: Buffer): [notation: string, needle: string | Buffer][] {
  return [
    ['it is', bytes],
    ['UTF-16', Buffer.from(bytes.toString('latin1'), 'utf16le')],
    ['hex', bytes.toString('hex')],
    ['percent-encoding', bytes.toString('hex').replace(/../g, '%$&')],
    ...[0, 1, 2].flatMap((offset): [string, string][] => [
      ['base64', base64At(bytes, offset, 'base64')],
      ['base64url', base64At(bytes, offset, 'base64url')],
    ]),
  ];
}

/** The digits of base64 that depend on `bytes` alone, where `offset` bytes stand before them in the encoded text. */
function base64At(bytes: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replace(/=+$/, '');
  const first = Math.ceil((offset * 8) / 6);
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(first, whole);
}
