import { z } from 'zod';

/** First line of a backup. It is in the clear, and holds nothing of the data. */
export const BackupManifest = z.object({
  product: z.literal('gatehouse'),
  format: z.literal(1),
  /** of the release that made it */
  version: z.string().max(100),
  /** every migration that the database had, in their order */
  migrations: z.array(z.string().max(200)).min(1).max(10_000),
  /** months that have a partition for receipts, as 2026-11, in their order */
  months: z.array(z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/)).max(1_200),
  madeAt: z.iso.datetime(),
  sealed: z.boolean(),
  /** random, so that no two files are sealed under one key */
  salt: z.base64url().length(43),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

export const MAX_MANIFEST_BYTES = 1 << 20;

/** What stands before the rows of a table. */
export const TableHead = z.object({ table: z.string(), columns: z.array(z.string()).min(1) });
export type TableHead = z.infer<typeof TableHead>;

/** What stands behind them. */
export const TableFoot = z.object({ rows: z.int().nonnegative() });
export type TableFoot = z.infer<typeof TableFoot>;

/** What a backup holds. */
export interface BackupFacts {
  manifest: BackupManifest;
  tables: number;
  rows: number;
}
