import type { Logger } from 'pino';
import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { type EntryView, toEntryView } from '../../server/entry-view.ts';
import { listOfferedEntries, pickForSites, type OfferedEntry, type Which } from '../../snapshot/offered-entries.ts';
import { requireProfile, listProfileSiteIds } from '../require-profile.ts';
import { type EntryProblem, findStandingProblem, type ServerStanding } from './problem.ts';

/** One entry that a profile could offer. `problem` null: it can be selected. */
export type EntryChoice = EntryView & {
  problem: EntryProblem | null;
  /** what other sites of the profile have under this name */
  otherTexts: EntryView[];
};

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

/** Everything that a profile could select, by server that is in use; what cannot be selected says why. Throws `not_found`. */
export async function listChoices({ ctx, input }: { ctx: ServiceContext; input: ListChoices }): Promise<ServerChoices[]> {
  authorize(ctx, 'profile.read');
  const { profileId } = parseInput(ListChoices, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { id } = await requireProfile(tx, tenantId, { profileId });
    return listEntryChoices(tx, ctx, { siteIds: await listProfileSiteIds(tx, tenantId, id), inUse: true });
  });
}

type Asked = Pick<Which, 'serverIds' | 'names'> & {
  siteIds: readonly string[];
  /** without the archived ones */
  inUse?: boolean;
};

/** What each server offers to a profile that is served at these sites. */
export async function listEntryChoices(
  tx: TenantTx,
  { tenantId, runtime }: Pick<ServiceContext, 'tenantId' | 'runtime'>,
  { siteIds, serverIds, names, inUse = false }: Asked,
): Promise<ServerChoices[]> {
  const sites = await tx.site.findMany({ where: { tenantId, id: { in: [...siteIds] } }, orderBy: { slug: 'asc' } });
  const servers = await tx.server.findMany({
    where: { tenantId, ...(serverIds ? { id: { in: [...serverIds] } } : {}), ...(inUse && { archivedAt: null }) },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    include: { sites: { select: { siteId: true } } },
  });
  const offered = await listOfferedEntries(tx, { tenantId, now: runtime.now(), serverIds, names });
  const offers = Map.groupBy(offered, ({ serverId }) => serverId);
  return servers.map(({ id: serverId, slug, name, disabledAt, archivedAt, sites: reachable }) => {
    const reachableAt = new Set(reachable.map(({ siteId }) => siteId));
    const missingAt = sites.filter(({ id }) => !reachableAt.has(id)).map((site) => site.slug);
    const standing = { disabled: disabledAt !== null, archived: archivedAt !== null, missingAt };
    const entries = [...Map.groupBy(offers.get(serverId) ?? [], toEntryKey).values()].flatMap((texts) => {
      return toChoice(pickForSites(texts, siteIds), { ...standing, sites }, runtime.log) ?? [];
    });
    return { serverId, slug, name, missingAt, entries };
  });
}

/** Where the sites have several texts, the profile can select it when each of them is approved. Null when none can be read. */
function toChoice(
  texts: readonly OfferedEntry[],
  { sites, ...standing }: ServerStanding & { sites: readonly { id: string; slug: string }[] },
  log: Logger,
): EntryChoice | null {
  const views = texts.flatMap((text) => {
    const view = toEntryView(text, log);
    const problem = view && findStandingProblem(view.verdict, standing);
    return view ? [{ view, problem, at: sites.filter(({ id }) => text.siteIds.includes(id)).map(({ slug }) => slug) }] : [];
  });
  const [first] = views;
  if (!first) return null;
  const held = views.find(({ problem }) => problem !== null);
  const where = held && views.length > 1 && held.at.length > 0 ? ` at ${held.at.join(', ')}` : '';
  return {
    ...first.view,
    otherTexts: views.slice(1).map(({ view }) => view),
    problem: held?.problem ? { ...held.problem, text: `${held.problem.text}${where}` } : null,
  };
}
