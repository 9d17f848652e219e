/** What keeps the certificate that is served up to date. */
export interface Certificate {
  look(): Promise<void>;
}

/** Serves with a certificate that has come since the last time. */
export function runOnce(certificate: Certificate): Promise<void> {
  return certificate.look();
}
