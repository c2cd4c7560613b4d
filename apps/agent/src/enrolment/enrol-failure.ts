import { isCertificateError, readErrorCode } from '@gatehouse/network/connection-error';
import type { EnrolErrorCode } from '@gatehouse/protocol/enrolment';

export type EnrolFailureCode =
  | EnrolErrorCode
  | 'already_enrolled'
  | 'not_a_token'
  | 'token_spent'
  | 'unreachable'
  | 'untrusted_certificate'
  | 'wrong_root';

/** Enrolment failed; the message is one line for the person at the terminal. */
export class EnrolFailure extends Error {
  override readonly name = 'EnrolFailure';
  readonly code: EnrolFailureCode;

  constructor(code: EnrolFailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const REFUSALS: Record<EnrolErrorCode, string> = {
  token_invalid: 'The join token is not valid: it has expired, was used already or was revoked. Create a new one in the console.',
  clock_skew: 'The clocks of this machine and the hub differ too much. Set the clock (NTP) and try again.',
  malformed: 'The hub could not read the enrolment request. Use the agent that the console serves.',
  rate_limited: 'Too many enrolments from this address. Wait a minute and try again.',
  version_too_old:
    'This agent is too old for the workspace. Download the agent from the console again and try again; the token was not used.',
  unavailable: 'The hub cannot enrol agents right now. Try again in a minute; the token stays valid.',
};

/** Whether the token of this enrolment enrols nobody any more, whoever tries it. */
export function isOfSpentToken({ code }: EnrolFailure): boolean {
  return code === 'token_spent' || code === 'token_invalid';
}

/** The token is known here to be of no use: nobody was asked. */
export function describeSpent(): EnrolFailure {
  return new EnrolFailure(
    'token_spent',
    'The join token is spent: it was used, or the hub has refused it as expired or revoked. Make a new one in the console, then: gatehouse-agent up --enroll TOKEN',
  );
}

export function describeRefusal(code: EnrolErrorCode): EnrolFailure {
  return new EnrolFailure(code, REFUSALS[code]);
}

/** `skewMs`: this machine's clock minus the hub's. */
export function describeClockSkew(skewMs: number): EnrolFailure {
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  return new EnrolFailure(
    'clock_skew',
    `The clock of this machine is ${minutes} min ${skewMs > 0 ? 'ahead' : 'behind'}. Set it (NTP) and try again; the token was not used.`,
  );
}

export function describeNetworkError(hub: URL, error: unknown): EnrolFailure {
  const code = readErrorCode(error);
  if (code !== null && isCertificateError(code)) {
    return new EnrolFailure(
      'untrusted_certificate',
      `TLS: the certificate of ${hub.host} is not trusted (${code}). Behind an inspecting proxy set GATEHOUSE_CA_FILE to its CA.`,
      { cause: error },
    );
  }
  return new EnrolFailure(
    'unreachable',
    `The hub ${hub.host} cannot be reached (${code ?? describeError(error)}). Check the address and the network; behind a proxy set HTTPS_PROXY.`,
    { cause: error },
  );
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === 'TimeoutError' ? 'no answer in 15 s' : error.message;
}
