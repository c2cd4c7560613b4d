import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { getPersonNames, type PersonName } from '../person-names.ts';

const STATES = ['open', 'used', 'expired', 'revoked'] as const;

export const ListJoinTokens = z
  .strictObject({
    ...buildListInput(['made', 'agent', 'expires']),
    siteId: z.uuid().optional(),
    state: z.enum(STATES).optional(),
  })
  .prefault({});
export type ListJoinTokens = z.input<typeof ListJoinTokens>;

/** A join token, never the token itself. */
export interface JoinTokenRow {
  id: string;
  /** the name that its agent is to have */
  agentName: string;
  site: { id: string; slug: string; name: string };
  state: (typeof STATES)[number];
  createdAt: Date;
  createdBy: PersonName;
  expiresAt: Date;
  usedAt: Date | null;
  /** the agent that enrolled with it */
  agentId: string | null;
}

const SORTS = {
  made: { key: Prisma.sql`t.created_at`, type: 'time', direction: 'desc' },
  agent: { key: Prisma.sql`t.agent_name`, type: 'text', direction: 'asc' },
  expires: { key: Prisma.sql`t.expires_at`, type: 'time', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

/** The join tokens that are kept, newest first where nothing else is asked for. */
export async function listJoinTokens({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListJoinTokens;
}): Promise<ListPage<JoinTokenRow>> {
  authorize(ctx, 'agent.manage');
  const asked = parseInput(ListJoinTokens, input);
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`join_token t join site s on s.tenant_id = t.tenant_id and s.id = t.site_id`,
      where: Prisma.sql`t.tenant_id = ${tenantId}::uuid
        ${buildWhen(asked.siteId, (wanted) => Prisma.sql`t.site_id = ${wanted}::uuid`)}
        ${buildWhen(asked.state, (wanted) => Prisma.sql`${buildState(now)} = ${wanted}`)}
        ${buildSearchCondition([Prisma.sql`t.agent_name`, Prisma.sql`s.name`, Prisma.sql`s.slug`], asked.search)}`,
      id: Prisma.sql`t.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.joinToken.findMany({
      where: { tenantId, id: { in: ids } },
      select: {
        id: true,
        agentName: true,
        createdAt: true,
        createdBy: true,
        expiresAt: true,
        usedAt: true,
        revokedAt: true,
        usedByAgentId: true,
        site: { select: { id: true, slug: true, name: true } },
      },
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      found.map(({ createdBy }) => createdBy),
    );
    const rows = orderByIds(ids, found, ({ id }) => id).map(({ createdBy, revokedAt, usedByAgentId, ...token }) => ({
      ...token,
      state: getState({ ...token, revokedAt }, now),
      createdBy: people.get(createdBy),
      agentId: usedByAgentId,
    }));
    return { rows, ...page };
  });
}

interface TokenFacts {
  usedAt: Date | null;
  revokedAt: Date | null;
  expiresAt: Date;
}

function getState({ usedAt, revokedAt, expiresAt }: TokenFacts, now: Date): JoinTokenRow['state'] {
  if (usedAt) return 'used';
  if (revokedAt) return 'revoked';
  return expiresAt <= now ? 'expired' : 'open';
}

/** The same rule of tokens `t` in a query. */
const buildState = (
  now: Date,
): Prisma.Sql => Prisma.sql`(case when t.used_at is not null then 'used' when t.revoked_at is not null then 'revoked'
  when t.expires_at <= ${now}::timestamptz then 'expired' else 'open' end)`;
