import { z } from 'zod';

import { type Mail, Prisma, type Role } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition } from '../list/list-input.ts';
import { getPersonNames, type PersonName } from '../person-names.ts';

export interface InvitationView {
  id: string;
  email: string;
  role: Role;
  state: 'open' | 'expired';
  createdAt: Date;
  expiresAt: Date;
  /** who has had the link in hand, or had it sent by mail; null: the operator */
  invitedBy: PersonName | null;
  /** how far a mail with the link has come; `late`: the mail server did not take it and is asked again; null: it was handed over */
  mail: 'waiting' | 'late' | 'sent' | 'failed' | null;
}

const SORTS = {
  made: { key: Prisma.sql`t.created_at`, type: 'time', direction: 'desc' },
  email: { key: Prisma.sql`t.email`, type: 'text', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

export const ListInvitations = z.strictObject(buildListInput(['made', 'email'])).prefault({});
export type ListInvitations = z.input<typeof ListInvitations>;

/** The invitations that nobody has accepted or withdrawn, newest first. */
export async function listInvitations({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListInvitations;
}): Promise<ListPage<InvitationView>> {
  authorize(ctx, 'member.read');
  const asked = parseInput(ListInvitations, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`account_token t`,
      where: Prisma.sql`t.tenant_id = ${tenantId}::uuid and t.kind = 'invitation' and t.used_at is null and t.withdrawn_at is null
        ${buildSearchCondition([Prisma.sql`t.email`], asked.search)}`,
      id: Prisma.sql`t.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.accountToken.findMany({
      where: { tenantId, id: { in: ids } },
      select: {
        id: true,
        email: true,
        role: true,
        createdAt: true,
        expiresAt: true,
        createdBy: true,
        byMail: true,
        mails: { select: { refusedAt: true, givenUpAt: true } },
      },
    });
    const acts = await tx.adminAudit.findMany({
      where: { tenantId, action: 'member.invite', actorKind: 'person', entityId: { in: ids } },
      select: { entityId: true, actorId: true },
    });
    const askers = new Map(acts.map(({ entityId, actorId }) => [entityId, actorId]));
    const findMaker = ({ id, createdBy, byMail }: (typeof found)[number]) => (byMail ? (askers.get(id) ?? null) : createdBy);
    const people = await getPersonNames(tx, tenantId, found.map(findMaker));
    const rows = orderByIds(ids, found, ({ id }) => id).map((row): InvitationView => {
      const { id, email, role, createdAt, expiresAt } = row;
      const maker = findMaker(row);
      return {
        id,
        email,
        role,
        createdAt,
        expiresAt,
        state: expiresAt > runtime.now() ? 'open' : 'expired',
        invitedBy: maker === null ? null : people.get(maker),
        mail: describeMail(row),
      };
    });
    return { rows, ...page };
  });
}

/** A mail that waits is there still; one that was taken is not. */
function describeMail({
  byMail,
  mails,
}: {
  byMail: boolean;
  mails: Pick<Mail, 'refusedAt' | 'givenUpAt'>[];
}): InvitationView['mail'] {
  if (!byMail) return null;
  const [mail] = mails;
  if (!mail) return 'sent';
  if (mail.givenUpAt) return 'failed';
  return mail.refusedAt ? 'late' : 'waiting';
}
