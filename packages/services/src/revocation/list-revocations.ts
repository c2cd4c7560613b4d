import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { buildNameColumns } from '../list/name-columns.ts';
import { getPersonNames } from '../person-names.ts';
import { CONFIRMED, KEEPS_LOG } from './confirmed.ts';
import { getSubjectNames } from './subject-names.ts';

/** What can be taken back or switched off. */
const SUBJECT_KINDS = ['key', 'session', 'person', 'agent', 'server', 'tool', 'profile', 'tenant', 'signing_key'] as const;

export const ListRevocations = z
  .object({
    ...buildListInput(['signed']),
    subjectKind: z.enum(SUBJECT_KINDS).optional(),
    act: z.enum(['end', 'before', 'stop', 'lift']).optional(),
  })
  .prefault({});
export type ListRevocations = z.input<typeof ListRevocations>;

const SORTS = { signed: { key: Prisma.sql`r.seq`, type: 'number', direction: 'desc' } } as const satisfies Record<
  string,
  SortKey
>;

/** As `getSubjectNames` names them; what is gone is found by the name of a tool and by its id. */
const SEARCHED = [
  Prisma.sql`r.subject_name`,
  Prisma.sql`r.subject_id`,
  ...buildNameColumns(Prisma.sql`r.tenant_id`, Prisma.sql`r.subject_id`),
];

export interface RevocationView {
  /** place in the log, from 1 */
  seq: number;
  /** when it was signed as of */
  at: Date;
  act: string;
  subjectKind: string;
  subjectId: string;
  /** as the subject is called now; null when nothing of that id is there any more */
  subjectName: string | null;
  /** the entry of the admin log behind it */
  auditId: string;
  /** who revoked; null for what the worker took over from an agent after a restore */
  by: string | null;
  /** agents that keep a log and have confirmed it up to here */
  having: number;
}

/** The tenant's revocation log, newest entry first where nothing else is asked for. */
export async function listRevocations({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListRevocations;
}): Promise<ListPage<RevocationView>> {
  authorize(ctx, 'revocation.read');
  const asked = parseInput(ListRevocations, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...counted } = await findPage(tx, {
      from: Prisma.sql`revocation r`,
      where: Prisma.sql`r.tenant_id = ${tenantId}::uuid
        ${buildWhen(asked.subjectKind, (wanted) => Prisma.sql`r.subject_kind = ${wanted}`)}
        ${buildWhen(asked.act, (wanted) => Prisma.sql`r.act = ${wanted}`)}
        ${buildSearchCondition(SEARCHED, asked.search)}`,
      id: Prisma.sql`r.seq`,
      idType: 'number',
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.revocation.findMany({
      where: { tenantId, seq: { in: ids.map(Number) } },
      select: { ...SHOWN, audit: { select: { actorKind: true, actorId: true } } },
    });
    const page = orderByIds(ids, found, ({ seq }) => String(seq));
    const names = await getSubjectNames(tx, tenantId, page);
    const people = await getPersonNames(
      tx,
      tenantId,
      page.map(({ audit }) => (audit.actorKind === 'person' ? audit.actorId : null)),
    );
    const holders = await countHolders(
      tx,
      tenantId,
      page.map(({ seq }) => seq),
    );
    const rows = page.map(({ audit, subjectName, ...row }) => ({
      ...row,
      having: holders.get(row.seq) ?? 0,
      subjectName: names.get({ ...row, subjectName }),
      by: audit.actorKind === 'person' ? people.get(audit.actorId).name : null,
    }));
    return { rows, ...counted };
  });
}

const SHOWN = { seq: true, at: true, act: true, subjectKind: true, subjectId: true, subjectName: true, auditId: true } as const;

/** How many agents that keep a log have confirmed it up to each of these places. */
async function countHolders(tx: TenantTx, tenantId: string, seqs: readonly number[]): Promise<Map<number, number>> {
  const counts = await tx.$queryRaw<{ seq: number; having: number }[]>`
    with held as (
      select ${CONFIRMED} as confirmed
      from agent a left join revocation_root r on r.tenant_id = a.tenant_id and r.root = a.revocation_root
      where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null and ${KEEPS_LOG}
    )
    select asked.seq, (select count(*)::int from held where held.confirmed >= asked.seq) as having
    from unnest(${[...seqs]}::int[]) asked(seq)`;
  return new Map(counts.map(({ seq, having }) => [seq, having]));
}
