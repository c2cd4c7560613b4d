import { z } from 'zod';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { cutPage, readCursor } from '../../cursor.ts';
import { parseInput } from '../../errors.ts';
import { type ListPage, orderByIds } from '../../list/find-page.ts';
import { listOfferTotals, type OfferTotals } from '../../snapshot/matching-offers.ts';
import { listProfileSiteIds, requireProfile } from '../require-profile.ts';
import { CHOICE_FILTER, type ChoosableServer, listChoosable } from './list-choices.ts';

/** How much a server offers to a profile, of the kinds that are asked for. */
export interface ServerOffer extends ChoosableServer, OfferTotals {}

export const ListOffers = z.strictObject({
  profileId: z.uuid(),
  ...CHOICE_FILTER,
  /** what the browser's side of tRPC adds to what it reads page by page */
  direction: z.enum(['forward', 'backward']).optional(),
  cursor: z.string().max(4_000).optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type ListOffers = z.input<typeof ListOffers>;

const Place = z
  .tuple([z.enum(['0', '1']), z.string(), z.uuid()])
  .transform(([rank, name, serverId]) => ({ rank: Number(rank), name, serverId }));

/**
 * The servers that are in use, each with how much it offers to a profile: first those of which something can be selected, then by name. A server that offers no
 * tools is among those that are asked for tools, for it may be new; what a filter finds nothing at is left out. Throws `not_found`.
 */
export async function listOffers({ ctx, input }: { ctx: ServiceContext; input: ListOffers }): Promise<ListPage<ServerOffer>> {
  authorize(ctx, 'profile.read');
  const { profileId, kinds, cursor, limit, search, risk } = parseInput(ListOffers, input);
  const after = cursor === undefined ? null : readCursor(Place, cursor);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { id } = await requireProfile(tx, tenantId, { profileId });
    const siteIds = await listProfileSiteIds(tx, tenantId, id);
    const asked = { siteIds, filter: { search, risk }, after, limit, withEmpty: kinds.includes('tool') };
    const found = await listOfferTotals(tx, { tenantId, now: runtime.now(), kinds }, asked);
    const { page, nextCursor } = cutPage(found, limit, ({ rank, name, serverId }) => [String(rank), name, serverId]);
    const ids = page.map(({ serverId }) => serverId);
    const servers = await listChoosable(tx, tenantId, { siteIds, serverIds: ids, inUse: true });
    const totals = new Map(page.map(({ serverId, offered, usable, matching }) => [serverId, { offered, usable, matching }]));
    const rows = servers.flatMap(({ server }) => {
      const counted = totals.get(server.serverId);
      return counted ? [{ ...server, ...counted }] : [];
    });
    return { rows: orderByIds(ids, rows, ({ serverId }) => serverId), nextCursor, total: found[0]?.total ?? 0 };
  });
}
