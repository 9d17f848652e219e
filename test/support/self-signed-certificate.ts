import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface Validity {
  readonly from: string;
  /** 2049 at the latest. */
  readonly to: string;
}

const LONG: Validity = { from: '2020-01-01T00:00:00Z', to: '2049-12-31T23:59:59Z' };

/** A TLS server's key and certificate in PEM: self-signed, ECDSA P-256, for one DNS name or IPv4 address. */
export function selfSignedCertificate(
  host: string,
  { from, to }: Validity = LONG,
): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(0x30, oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));
  // A client that trusts several finds the right one by its name.
  const unique = Buffer.from(`test server ${randomBytes(8).toString('hex')}`);
  const commonName = der(0x30, oid([0x55, 0x04, 0x03]), der(0x0c, unique));
  const name = der(0x30, der(0x31, commonName));
  const validity = der(0x30, utcTime(from), utcTime(to));
  const altName = isIPv4(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host));
  const altNames = der(0x30, altName);
  const extension = der(0x30, oid([0x55, 0x1d, 0x11]), der(0x04, altNames));
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, extension)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const certificate = der(0x30, content, ecdsaWithSha256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One DER element: a tag, a length, and its parts in a row. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function utcTime(text: string): Buffer {
  const digits = new Date(text).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function oid(bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}
