import type { z } from 'zod';

/** Closed set; every transport maps each code once. */
export type ServiceErrorCode =
  | 'not_found'
  | 'not_permitted'
  | 'invalid'
  | 'conflict'
  | 'expired'
  | 'rate_limited'
  | 'unavailable'
  | 'precondition';

/** Facts that a transport may show beside the message. Never a secret, never a cause. */
export type ServiceErrorDetails = Record<string, unknown>;

/** The only error that a verb throws on purpose. Its message is written for the person who acts: what happened and what to do. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  readonly details: ServiceErrorDetails | undefined;

  constructor(code: ServiceErrorCode, message: string, details?: ServiceErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** The same answer for an unknown id and for one of another tenant. `what` is the thing's name on screen, for example "agent". */
export function notFound(what: string): ServiceError {
  return new ServiceError('not_found', `This ${what} does not exist, or it was removed. Go back to the list and choose again.`);
}

/** Parses a verb's input. Throws `invalid` with `details.issues` = [{ path, message }]. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = issues[0];
  const where = first?.path ? `${first.path}: ` : '';
  throw new ServiceError('invalid', `Check the input. ${where}${first?.message ?? 'It is not valid.'}`, { issues });
}
