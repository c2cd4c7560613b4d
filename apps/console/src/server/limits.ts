import { MAX_BATCH } from '../trpc/batch.ts';

/** What a stranger, or somebody who signed in, may make the console do. */
export const CONSOLE_LIMITS = {
  connections: 10_000,
  /** where no proxy stands before the console */
  connectionsPerAddress: 500,
  /** milliseconds for the headers, and for a request with its body */
  headersMs: 15_000,
  requestMs: 60_000,
  /** between two looks for slow requests, milliseconds */
  checkMs: 5_000,
  /** milliseconds for requests that are under way when the process stops */
  drainMs: 10_000,
  /** bytes of a body sent to sign in or out, about one's account, or of a form that asks for a file */
  formBytes: 16 * 1024,
  /** bytes of a body with the input of procedures */
  procedureBytes: 4 * 1024 * 1024,
  /** the same where the description of an API is sent along */
  descriptionBytes: 13 * 1024 * 1024,
  /** bytes of a body that is taken from anybody; a larger one only from a browser whose session lasts */
  smallBodyBytes: 16 * 1024,
  /** bytes of a refused body that are let pass, so that the client gets to read why */
  refusedBytes: 1024 * 1024,
  /** bytes of larger bodies that are on their way or being answered, of one network and of all */
  bodyBytesPerNetwork: 64 * 1024 * 1024,
  bodyBytes: 512 * 1024 * 1024,
  /** procedures in one request */
  batch: MAX_BATCH,
  /** live streams of one session at the same time */
  streamsPerSession: 12,
} as const;
