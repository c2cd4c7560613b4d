import type { AccountTokenKind } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildNeed, MOST_OF_KIND, type NeedGroup } from './needs.ts';
import { toGroup } from './profile-needs.ts';

interface LostMail {
  id: string;
  email: string;
  kind: AccountTokenKind;
  since: Date;
  total: number;
}

/** Mails that no mail server took and that are not tried again, where the person has no other way in yet: the link is open, and nobody has handed over another. */
export async function listFailedMails(tx: TenantTx, { tenantId }: { tenantId: string }): Promise<NeedGroup> {
  const rows = await tx.$queryRaw<LostMail[]>`
    select m.id, t.email, t.kind::text as kind, m.given_up_at as since, (count(*) over ())::int as total
    from mail m join account_token t on t.tenant_id = m.tenant_id and t.id = m.account_token_id
    where m.tenant_id = ${tenantId}::uuid and m.given_up_at is not null and t.used_at is null and t.withdrawn_at is null
      and not exists (
        select from mail again
        where again.tenant_id = m.tenant_id and again.email = m.email and again.kind = m.kind and again.given_up_at is null)
    order by m.given_up_at, m.id
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, email, kind, since }) =>
    buildNeed({ kind: 'mail_failed', id, subject: email, code: kind, since, path: `/members?q=${encodeURIComponent(email)}` }),
  );
}
