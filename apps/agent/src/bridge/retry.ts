import { isCertificateError, readErrorCode } from '@gatehouse/network/connection-error';
import type { BackoffOptions } from '@gatehouse/process/backoff';

/** How an agent that is away, as during a restart, is waited for; milliseconds. */
export interface RetryTimes extends BackoffOptions {
  /** after this long a request fails */
  giveUpMs: number;
}

const CONNECT_ERRORS = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether a request failed before a connection stood, so that it may be sent again. */
export function isConnectFailure(error: unknown): boolean {
  return CONNECT_ERRORS.has(readSystemCode(error) ?? '');
}

/** One sentence about what failed, without an address or a header in it. */
export function describe(error: unknown): string {
  const code = readSystemCode(error);
  if (code !== null && isCertificateError(code)) {
    return `The agent's certificate is not trusted (${code}). Name your own certificate authority in GATEHOUSE_CA_FILE.`;
  }
  if (code !== null) return `The agent cannot be reached (${code}).`;
  return error instanceof Error ? error.message : 'The request failed.';
}

function readSystemCode(error: unknown): string | null {
  if (error instanceof AggregateError && error.errors.length > 0) return readSystemCode(error.errors[0]);
  return readErrorCode(error);
}
