import { Prisma } from '@gatehouse/db/client';

/** Whether agent `a` keeps a log of its own; one of an older version knows of a revocation by its next configuration. */
export const KEEPS_LOG = Prisma.sql`('revocations' = any(a.features))`;

/** Place up to which agent `a` surely has every entry, by the root `r` that it named; null: it named none that this log had lately. */
export const CONFIRMED = Prisma.sql`coalesce(r.seq, case when a.revocation_count = 0 then 0 end)`;
