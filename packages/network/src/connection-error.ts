const REASONS: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name cannot be resolved now',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
};

/** The code that Node, undici or OpenSSL gave an error; null when it has none. */
export function readErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Whether the code says that the certificate of the other side is not trusted, for whatever reason. */
export function isCertificateError(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)/.test(code);
}

/** Why something cannot be reached, to stand behind a colon: "its host name is unknown". Null for a code that is of no connection. */
export function describeConnectionError(code: string): string | null {
  return isCertificateError(code) ? `its certificate is not trusted (${code})` : (REASONS[code] ?? null);
}
