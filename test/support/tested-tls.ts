/** With TEST_TLS=true vaults are started with TLS. */
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { selfSignedCertificate } from './self-signed-certificate.ts';

/** Has this process trust a self-signed certificate wherever it is a client, `fetch` included. */
export function trust(cert: string): void {
  setDefaultCACertificates([...getCACertificates('default'), cert]);
}

function trustedCertificate() {
  const certificate = selfSignedCertificate('127.0.0.1');
  trust(certificate.cert);
  return certificate;
}

/** The certificate that they are started with, which this process trusts; null without TLS. */
export const testedCertificate = process.env.TEST_TLS === 'true' ? trustedCertificate() : null;

/** For a vault that speaks plain HTTP, or has its certificate in files, all the same. */
export const NO_CERTIFICATE = { KEYROTATOR_TLS_CERT: undefined, KEYROTATOR_TLS_KEY: undefined };
