import type { Logger } from 'pino';

import type { TenantTx } from '@gatehouse/db/tenant';
import { ServerLimits } from '@gatehouse/policy/documents/server-limits';
import { ServerFeatures, ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { type ApproverView, listApprovers } from '../approver/approvers.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { type DiscoveryView, toDiscoveryView } from '../discovery/discovery-view.ts';
import { type HeldBack, listHeldBackNow } from '../discovery/held-back.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { getOwners, type OwnerView } from '../owner/owner.ts';
import { type Permitted, PERMITTED } from '../permitted.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { maySwitchOn } from '../revocation/may-switch-on.ts';
import { countOffered, listOfferedEntries, type OfferedEntry } from '../snapshot/offered-entries.ts';
import { type EntryView, toEntryView } from './entry-view.ts';
import { readServerReports, type ServerHealthView } from './get-server-health.ts';
import { loadRevisions, type RevisionRow } from './list-revisions.ts';
import { listServerSites, type ServerSite } from './list-server-sites.ts';
import { requireServer, ServerRef } from './require-server.ts';
import { countProfilesByServer, SERVER_ROW, type ServerSummary, toServerSummary } from './server-facts.ts';
import { getServerHistories } from './server-histories.ts';

export const GetServer = ServerRef;
export type GetServer = ServerRef;

const NEWEST_REVISIONS = 50;

export interface ServerDetail extends ServerSummary {
  transport: ServerTransport;
  /** as somebody set them; what is absent is the default */
  limits: ServerLimits;
  /** what an edit of it is based on */
  revision: number;
  purpose: string;
  createdAt: Date;
  createdBy: PersonName;
  /** who answers for it; null: nobody */
  owner: OwnerView | null;
  /** who alone approves what it offers; none: whose role decides reviews */
  approvers: ApproverView[];
  disabledAt: Date | null;
  /** out of the lists, and disabled */
  archivedAt: Date | null;
  /** revisions numbered up to this were offered at another address: nothing of them counts. 0: it always had this one */
  formerRevisions: number;
  /** whether the one who asks may switch it on; told while it is off */
  canEnable: Permitted;
  /** by slug, each with what an agent there saw last */
  sites: ServerSite[];
  profileCount: number;
  /** the newest 50 */
  revisions: RevisionRow[];
  /** of what its sites have, ordered by kind and name, without those whose stored definition cannot be read */
  entries: ServedEntry[];
  /** by the newest revision; null before the first at this address */
  features: ServerFeatures | null;
  latestDiscovery: DiscoveryView | null;
  /** what its last looks left out, for each site where something was */
  heldBack: HeldBack[];
  /** what the agents say, as `getServerHealth` reads it anew */
  health: ServerHealthView;
}

/** An entry, and the slugs of the sites that have this very text of it; empty when all do. */
export type ServedEntry = EntryView & { onlyAt: string[] };

/** One server with its revisions, what its sites have of it, and what the agents say. Throws `not_found`. */
export async function getServer({ ctx, input }: { ctx: ServiceContext; input: GetServer }): Promise<ServerDetail> {
  authorize(ctx, 'server.read');
  const ref = parseInput(GetServer, input);
  const { tenantId } = ctx;
  const { log } = ctx.runtime;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const { id } = await requireServer(tx, tenantId, ref);
    const row = await tx.server.findUnique({ where: { tenantId_id: { tenantId, id } }, select: SERVER_ROW });
    const which = { tenantId, now, serverIds: [id] };
    const history = (await getServerHistories(tx, which)).get(id);
    if (!row || !history) throw createNotFoundError('server');
    const reports = await readServerReports(tx, { tenantId, now, serverId: id }, log);
    const counts = await countOffered(tx, which);
    const names = await getPersonNames(tx, tenantId, [row.createdBy]);
    const discovery = await tx.discovery.findFirst({ where: { tenantId, serverId: id }, orderBy: { createdAt: 'desc' } });
    const newest = await tx.serverRevision.findFirst({ where: { tenantId, serverId: id }, orderBy: { number: 'desc' } });
    const offered = await listOfferedEntries(tx, which);
    const sites = await listServerSites(tx, tenantId, id);
    return {
      ...toServerSummary(row, history, counts.get(id) ?? [], reports.counts, { now, log }),
      transport: ServerTransport.parse(row.transport),
      limits: ServerLimits.parse(row.limits ?? {}),
      revision: row.revision,
      purpose: row.purpose,
      createdAt: row.createdAt,
      createdBy: names.get(row.createdBy),
      owner: (await getOwners(tx, tenantId, [row])).get(row),
      approvers: await listApprovers(tx, tenantId, { kind: 'server', id }),
      disabledAt: row.disabledAt,
      archivedAt: row.archivedAt,
      formerRevisions: row.formerRevisions,
      canEnable:
        row.disabledAt === null
          ? PERMITTED
          : await maySwitchOn(tx, ctx, {
              entityType: 'server',
              id,
              permission: 'server.manage',
              by: row.archivedAt === null ? 'disable' : 'archive',
            }),
      sites,
      profileCount: (await countProfilesByServer(tx, which)).get(id) ?? 0,
      revisions: await listNewestRevisions(tx, tenantId, id),
      entries: offered.flatMap((entry) => toServedEntry(entry, sites, log) ?? []),
      features: newest && newest.number > row.formerRevisions ? ServerFeatures.parse(newest.features) : null,
      latestDiscovery: discovery ? toDiscoveryView(discovery, now) : null,
      heldBack: await listHeldBackNow(tx, { tenantId, serverId: id }),
      health: reports.health,
    };
  });
}

/** The newest ones; `listRevisions` has them all. */
async function listNewestRevisions(tx: TenantTx, tenantId: string, serverId: string): Promise<RevisionRow[]> {
  const newest = await tx.serverRevision.findMany({
    where: { tenantId, serverId },
    orderBy: { number: 'desc' },
    take: NEWEST_REVISIONS,
    select: { id: true },
  });
  return loadRevisions(
    tx,
    tenantId,
    newest.map(({ id }) => id),
  );
}

function toServedEntry(offered: OfferedEntry, sites: readonly ServerSite[], log: Logger): ServedEntry | null {
  const view = toEntryView(offered, log);
  const onlyAt = sites.filter(({ id }) => offered.siteIds.includes(id)).map(({ name }) => name);
  return view && { ...view, onlyAt: onlyAt.length === sites.length ? [] : onlyAt };
}
