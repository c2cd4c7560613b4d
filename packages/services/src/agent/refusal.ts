import type { EnrolErrorCode } from '@gatehouse/protocol/enrolment';
import type { LinkErrorCode } from '@gatehouse/protocol/messages';

import { ServiceError, type ServiceErrorCode } from '../errors.ts';

/** A refusal that the hub answers on the link: `details.linkError` is the code of the wire. */
export function linkRefusal(linkError: LinkErrorCode, message: string): ServiceError {
  const code: ServiceErrorCode = linkError === 'malformed' || linkError === 'foreign_id' ? 'invalid' : 'not_permitted';
  return new ServiceError(code, message, { linkError });
}

const ENROL_CODES: Record<EnrolErrorCode, ServiceErrorCode> = {
  token_invalid: 'not_permitted',
  clock_skew: 'precondition',
  malformed: 'invalid',
  rate_limited: 'rate_limited',
  version_too_old: 'precondition',
  unavailable: 'unavailable',
};

/** A refusal that the hub answers to an enrolment request: `details.enrolError` is the code of the wire. */
export function enrolRefusal(enrolError: EnrolErrorCode, message: string): ServiceError {
  return new ServiceError(ENROL_CODES[enrolError], message, { enrolError });
}
