import * as z from 'zod';

import { MAX_LOGGED_LENGTH } from './marked-fields.ts';

/** Keys of an object deeper than this are not walked into. */
export const MAX_POINTER_DEPTH = 16;
/** Characters of a key in a pointer; a longer key counts as undeclared. */
export const MAX_POINTER_KEY = 128;
/** Most entries of each list in a record. */
export const MAX_RECORDED = { fields: 256, logged: 64, content: 64 } as const;

/** JSON Pointer (RFC 6901) of a field; '*' stands for every array item. */
const FieldPointer = z.string().regex(new RegExp(`^(?:/[^/]{1,${MAX_POINTER_KEY}}){1,${MAX_POINTER_DEPTH}}$`));

/** HMAC-SHA-256 with the site's key, first 16 bytes, lower-case hex. Equal values match; the value cannot be guessed without the key. */
export const Fingerprint = z.string().regex(/^[0-9a-f]{32}$/);

/**
 * The shape of one value: never the value itself. Leaves of a declared schema carry their JSON Pointer; an undeclared key leaves only as
 * `undeclared` with the fingerprint of its name.
 */
export const FieldShape = z.object({
  /** '' for a value that is no object */
  pointer: FieldPointer.or(z.literal('')),
  type: z.enum(['string', 'number', 'boolean', 'null', 'object', 'array', 'undeclared']),
  /** characters of a string, items of an array, keys of an object */
  size: z.int().nonnegative().optional(),
  /** absent for booleans, enums and small numbers: too few values to hide behind a hash */
  fingerprint: Fingerprint.optional(),
});
export type FieldShape = z.infer<typeof FieldShape>;

/** The value of a field marked "log value" at review, after redaction. */
export const LoggedField = z.object({
  pointer: FieldPointer,
  /** redacted spans read [redacted:<rule>] */
  value: z.union([z.string().max(MAX_LOGGED_LENGTH), z.number(), z.boolean(), z.null()]),
  redacted: z.boolean(),
});
export type LoggedField = z.infer<typeof LoggedField>;

/** What may be written down of the arguments of a call. */
export const RecordedArguments = z.object({
  fields: z.array(FieldShape).max(MAX_RECORDED.fields),
  logged: z.array(LoggedField).max(MAX_RECORDED.logged),
  /** bytes of the JSON arguments as received */
  bytes: z.int().nonnegative(),
  /** true when more fields existed than are listed */
  truncated: z.boolean(),
});
export type RecordedArguments = z.infer<typeof RecordedArguments>;

/** What may be written down of the result of a call. */
export const RecordedResult = z.object({
  isError: z.boolean(),
  content: z
    .array(z.object({ type: z.string().max(32), size: z.int().nonnegative(), mimeType: z.string().max(128).optional() }))
    .max(MAX_RECORDED.content),
  structured: z.array(FieldShape).max(MAX_RECORDED.fields),
  logged: z.array(LoggedField).max(MAX_RECORDED.logged),
  bytes: z.int().nonnegative(),
  truncated: z.boolean(),
});
export type RecordedResult = z.infer<typeof RecordedResult>;
