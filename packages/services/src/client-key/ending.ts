import { Prisma } from '@gatehouse/db/client';

import { EVERY_ACCESS } from '../profile/effective-access.ts';
import { buildNotice } from '../sql.ts';

function buildEndsAfterNotice(key: Prisma.Sql, now: Date): Prisma.Sql {
  return Prisma.sql`${key}.expires_at > ${now}::timestamptz + ${buildNotice(Prisma.sql`${key}.created_at`, Prisma.sql`${key}.expires_at`)}`;
}

/** That the key `k` ends soon, or has ended, that its person may still use its profile, and has no other key to it that lasts: another is due. */
export function buildIsEnding(now: Date): Prisma.Sql {
  return Prisma.sql`(k.revoked_at is null and not ${buildEndsAfterNotice(Prisma.sql`k`, now)}
    and exists (
      select from ${EVERY_ACCESS} access
      where access.tenant_id = k.tenant_id and access.profile_id = k.profile_id and access.membership_id = k.membership_id
        and (access.until is null or access.until > ${now}::timestamptz))
    and not exists (
      select from client_key longer
      where longer.tenant_id = k.tenant_id and longer.membership_id = k.membership_id and longer.profile_id = k.profile_id
        and longer.revoked_at is null and longer.expires_at > k.expires_at and ${buildEndsAfterNotice(Prisma.sql`longer`, now)}))`;
}
