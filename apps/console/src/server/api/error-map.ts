import { TRPCError } from '@trpc/server';
import { ZodError } from 'zod';

import { formatInputProblem, listInputProblems } from '@gatehouse/process/input-problems';
import { SessionEndedError } from '@gatehouse/services/auth/open-context';
import { type EditConflict, EditConflictError } from '@gatehouse/services/edit-lock';
import { ServiceError, toServiceError, type ServiceErrorCode } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';

const TRANSPORT_CODE = {
  not_found: 'NOT_FOUND',
  not_permitted: 'FORBIDDEN',
  invalid: 'BAD_REQUEST',
  conflict: 'CONFLICT',
  expired: 'PRECONDITION_FAILED',
  rate_limited: 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  precondition: 'PRECONDITION_FAILED',
} as const satisfies Record<ServiceErrorCode, TRPCError['code']>;

interface Where {
  log: Runtime['log'];
  requestId: string;
  path: string;
}

/** The field of the input that an error is about; null when it is about none or more than one. */
export function findField(cause: unknown): string | null {
  if (cause instanceof ServiceError) return cause.field;
  return cause instanceof ZodError ? listInputProblems(cause)[0]?.path.join('.') || null : null;
}

/** What somebody else made of what was edited; null for every other error. */
export function findEditConflict(cause: unknown): EditConflict | null {
  return cause instanceof EditConflictError ? cause.conflict : null;
}

/**
 * The one place where a cause becomes what a browser may read. A ServiceError keeps its sentence; anything else is logged whole and
 * answered with a reference only.
 */
export function toTransportError(error: unknown, where: Where): TRPCError {
  const cause = error instanceof TRPCError ? (error.cause ?? error) : error;
  if (cause instanceof SessionEndedError) return new TRPCError({ code: 'UNAUTHORIZED', message: cause.message, cause });
  const known = toServiceError(cause);
  if (known) {
    if (known.code === 'unavailable')
      where.log.warn({ err: known, requestId: where.requestId, path: where.path }, 'procedure put off');
    return new TRPCError({ code: TRANSPORT_CODE[known.code], message: known.message, cause: known });
  }
  if (cause instanceof ZodError) {
    const [first] = listInputProblems(cause);
    const message = first ? formatInputProblem(first) : 'The request is not valid.';
    return new TRPCError({ code: 'BAD_REQUEST', message, cause });
  }
  if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR') return error;
  where.log.error({ err: cause, requestId: where.requestId, path: where.path }, 'procedure failed');
  return new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: `Something failed on our side. Try again; if it stays, give support the reference ${where.requestId}.`,
  });
}
