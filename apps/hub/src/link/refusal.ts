import type { Logger } from 'pino';

import { buildRejection } from '@gatehouse/protocol/codec';
import type { LinkErrorCode, Rejected } from '@gatehouse/protocol/messages';
import { ServiceError, type ServiceErrorCode } from '@gatehouse/services/errors';
import { redactText } from '@gatehouse/services/redact-text';

/** Where a verb gives no reason. */
const BY_CODE: Record<ServiceErrorCode, LinkErrorCode> = {
  not_found: 'foreign_id',
  not_permitted: 'foreign_id',
  invalid: 'malformed',
  conflict: 'unexpected',
  expired: 'unexpected',
  precondition: 'unexpected',
  rate_limited: 'rate_limited',
  unavailable: 'unavailable',
};

/** The answer to a message whose handling threw. What is not a ServiceError goes to the log only. */
export function toRejected(error: unknown, of: string, log: Logger): Rejected {
  if (error instanceof ServiceError) {
    const answer = buildRejection(of, toLinkErrorCode(error), error.message);
    log.warn({ of, code: answer.code, reason: redactText(error.message) }, 'message refused');
    return answer;
  }
  log.error({ err: error, of }, 'message failed');
  return buildRejection(of, 'unavailable', 'The hub cannot do this right now. Nothing was kept; send it again later.');
}

function toLinkErrorCode({ code, reason }: ServiceError): LinkErrorCode {
  switch (reason) {
    case 'malformed':
    case 'clock_skew':
    case 'unauthenticated':
    case 'epoch_reused':
    case 'revoked':
    case 'quarantined':
    case 'foreign_id':
    case 'sequence_gap':
    case 'chain_broken':
      return reason;
    case 'too_many_spools':
      return 'unexpected';
    case 'version_too_old':
      return 'unsupported_protocol';
    case 'token_invalid':
      return 'unauthenticated';
    case null:
      return BY_CODE[code];
  }
}

/** These end a connection: the peer may not have one. */
export function endsConnection({ code }: Rejected): boolean {
  return code === 'revoked' || code === 'quarantined' || code === 'unauthenticated' || code === 'epoch_reused';
}
