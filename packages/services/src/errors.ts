import type { z } from 'zod';

import { DatabaseBusyError } from '@gatehouse/db/database-busy';
import { listInputProblems } from '@gatehouse/process/input-problems';

import { findUnstorable, toStorable } from './storable.ts';

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

/** Why an agent is refused, where it acts upon more than the code. Closed set; each transport to agents maps it to its own codes once. */
export type ServiceErrorReason =
  | 'malformed'
  | 'token_invalid'
  | 'clock_skew'
  | 'version_too_old'
  | 'unauthenticated'
  | 'epoch_reused'
  | 'revoked'
  | 'quarantined'
  | 'foreign_id'
  | 'sequence_gap'
  | 'chain_broken'
  | 'too_many_spools';

export interface ServiceErrorOptions extends ErrorOptions {
  reason?: ServiceErrorReason;
  field?: string;
}

/**
 * The only error that a verb throws on purpose. Its message is written for the person who acts: what happened and what to do. A subclass
 * carries what else the one who asked may know; never a secret, never the cause.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  readonly reason: ServiceErrorReason | null;
  /** name of the input's field that the message is about; null: it is about more than one */
  readonly field: string | null;

  constructor(code: ServiceErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.reason = options.reason ?? null;
    this.field = options.field ?? null;
  }
}

/** What a verb threw as the ServiceError that it is, or stands for: a database that ran into a limit. Null: nobody foresaw it. */
export function toServiceError(error: unknown): ServiceError | null {
  if (error instanceof ServiceError) return error;
  if (!(error instanceof DatabaseBusyError)) return null;
  return new ServiceError('unavailable', 'Too much happens at once. Nothing was changed; try again in a moment.', {
    cause: error,
  });
}

/** The same answer for an unknown id and for one of another tenant. `what` is the thing's name on screen, for example "agent". */
export function createNotFoundError(what: string): ServiceError {
  return new ServiceError('not_found', `This ${what} does not exist, or it was removed. Go back to the list and choose again.`);
}

/** Parses a verb's input, which the database must be able to hold. Throws `invalid` with the field of the first problem. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const data = parseExact(schema, input);
  const unstorable = findUnstorable(data);
  if (unstorable) throw createInputError(unstorable.path, unstorable.problem);
  return data;
}

/** The same for what an agent reports: what the database cannot hold becomes U+FFFD, so that no part of a report keeps the rest away. */
export function parseReport<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  return parseExact(schema, toStorable(input));
}

/** The same for what is hashed as it is: receipts and definitions. The verb has to make storable what it keeps of it. */
export function parseExact<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [first] = listInputProblems(parsed.error);
  throw createInputError(first?.path.join('.') ?? '', first?.text ?? 'It is not valid.');
}

function createInputError(path: string, problem: string): ServiceError {
  const options = path === '' ? {} : { field: path };
  return new ServiceError('invalid', `Check the input. ${path === '' ? '' : `${path}: `}${problem}`, options);
}
