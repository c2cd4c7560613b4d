import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Where the listener's certificate lies: PEM, the chain in one file, the key in another. */
export interface TlsFiles {
  certFile: string;
  keyFile: string;
}

export interface TlsPair {
  cert: string;
  key: string;
  /** ISO time at which the certificate ends */
  notAfter: string;
}

/** Certificate and key cannot be used; one line that names the file and never holds what is in it. */
export class TlsFilesError extends Error {
  override readonly name = 'TlsFilesError';
}

/** Reads both files and proves that they belong together and serve at `now`. Throws TlsFilesError. */
export function readTlsPair({ certFile, keyFile }: TlsFiles, now: Date): TlsPair {
  const cert = readPem(certFile, 'GATEHOUSE_TLS_CERT_FILE');
  const key = readPem(keyFile, 'GATEHOUSE_TLS_KEY_FILE');
  const certificate = attempt(() => new X509Certificate(cert), `GATEHOUSE_TLS_CERT_FILE: ${certFile} holds no certificate`);
  const privateKey = attempt(
    () => createPrivateKey(key),
    `GATEHOUSE_TLS_KEY_FILE: ${keyFile} holds no private key without a passphrase`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new TlsFilesError(`GATEHOUSE_TLS_KEY_FILE: ${keyFile} is not the key of the certificate in ${certFile}`);
  }
  const { validFromDate, validToDate } = certificate;
  if (validToDate <= now) throw new TlsFilesError(`GATEHOUSE_TLS_CERT_FILE: ${certFile} expired at ${validToDate.toISOString()}`);
  if (validFromDate > now) {
    throw new TlsFilesError(`GATEHOUSE_TLS_CERT_FILE: ${certFile} is valid only from ${validFromDate.toISOString()}`);
  }
  return { cert, key, notAfter: validToDate.toISOString() };
}

function readPem(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new TlsFilesError(`${variable}: ${file} cannot be read${why}`, { cause: error });
  }
}

/** OpenSSL's own errors name its internals, not what to mend. */
function attempt<Result>(parse: () => Result, problem: string): Result {
  try {
    return parse();
  } catch (error) {
    throw new TlsFilesError(problem, { cause: error });
  }
}
