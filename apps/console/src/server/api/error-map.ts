import { TRPCError } from '@trpc/server';
import { type z, ZodError } from 'zod';

import { SessionEndedError } from '@gatehouse/services/auth/open-context';
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

/** "name: Too short", for the first problem. */
function describeFirstIssue(error: ZodError): string {
  const issue = findFirstIssue(error.issues);
  if (!issue) return 'The request is not valid.';
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message;
}

/** Of alternatives, the first problem of the one that came nearest. */
function findFirstIssue([issue]: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const [nearest] = issue.errors.toSorted((a, b) => a.length - b.length);
  const inner = nearest && findFirstIssue(nearest);
  return inner ? { ...inner, path: [...issue.path, ...inner.path] } : issue;
}

/** The field of the input that an error is about; null when it is about none or more than one. */
export function findField(cause: unknown): string | null {
  if (cause instanceof ServiceError) return cause.field;
  return cause instanceof ZodError ? findFirstIssue(cause.issues)?.path.join('.') || null : null;
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
  if (cause instanceof ZodError) return new TRPCError({ code: 'BAD_REQUEST', message: describeFirstIssue(cause), cause });
  if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR') return error;
  where.log.error({ err: cause, requestId: where.requestId, path: where.path }, 'procedure failed');
  return new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: `Something failed on our side. Try again; if it stays, give support the reference ${where.requestId}.`,
  });
}
