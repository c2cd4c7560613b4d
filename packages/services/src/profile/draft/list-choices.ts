import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { type EntryView, toEntryView } from '../../server/entry-view.ts';
import { listOfferedEntries, type Which } from '../../snapshot/offered-entries.ts';
import { requireProfile, listProfileSiteIds } from '../require-profile.ts';
import { type EntryProblem, findStandingProblem } from './problem.ts';

/** One entry that a profile could offer. `problem` null: it can be selected. */
export type EntryChoice = EntryView & { problem: EntryProblem | null };

export interface ServerChoices {
  serverId: string;
  slug: string;
  name: string;
  /** slugs of the profile's sites where this server is not reachable */
  missingAt: string[];
  /** ordered by kind and name */
  entries: EntryChoice[];
}

export const ListChoices = z.strictObject({ profileId: z.uuid() });
export type ListChoices = z.input<typeof ListChoices>;

/** Everything that a profile could select, by server; what cannot be selected says why. Throws `not_found`. */
export async function listChoices({ ctx, input }: { ctx: ServiceContext; input: ListChoices }): Promise<ServerChoices[]> {
  authorize(ctx, 'profile.read');
  const { profileId } = parseInput(ListChoices, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { id } = await requireProfile(tx, tenantId, { profileId });
    return listEntryChoices(tx, ctx, { siteIds: await listProfileSiteIds(tx, tenantId, id) });
  });
}

/** What the newest revision of each server offers to a profile that is served at these sites. */
export async function listEntryChoices(
  tx: TenantTx,
  { tenantId, runtime }: Pick<ServiceContext, 'tenantId' | 'runtime'>,
  { siteIds, serverIds, names }: Pick<Which, 'serverIds' | 'names'> & { siteIds: readonly string[] },
): Promise<ServerChoices[]> {
  const sites = await tx.site.findMany({ where: { tenantId, id: { in: [...siteIds] } }, orderBy: { slug: 'asc' } });
  const servers = await tx.server.findMany({
    where: { tenantId, ...(serverIds ? { id: { in: [...serverIds] } } : {}) },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    include: { sites: { select: { siteId: true } } },
  });
  const offered = await listOfferedEntries(tx, { tenantId, now: runtime.now(), serverIds, names });
  const offers = Map.groupBy(offered, ({ serverId }) => serverId);
  return servers.map(({ id: serverId, slug, name, disabledAt, sites: reachable }) => {
    const reachableAt = new Set(reachable.map(({ siteId }) => siteId));
    const missingAt = sites.filter(({ id }) => !reachableAt.has(id)).map((site) => site.slug);
    const entries = (offers.get(serverId) ?? []).flatMap((offer) => {
      const view = toEntryView(offer, runtime.log);
      return view ? [{ ...view, problem: findStandingProblem(view.verdict, { disabled: disabledAt !== null, missingAt }) }] : [];
    });
    return { serverId, slug, name, missingAt, entries };
  });
}
