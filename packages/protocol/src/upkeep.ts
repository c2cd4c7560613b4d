import * as z from 'zod';

/** What of an agent its operator has to see to. */
export const Upkeep = z.strictObject({
  /** when the certificate of the MCP listener ends; null: it serves without TLS */
  certificateEndsAt: z.iso.datetime().nullable(),
  /** receipts since it started that could not be kept, and that the hub refused for good */
  lostReceipts: z.int().nonnegative(),
  refusedReceipts: z.int().nonnegative(),
});
