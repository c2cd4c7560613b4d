import { z } from 'zod';

import type { Prisma, Server } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { ServerLimits } from '@gatehouse/policy/documents/server-limits';
import { listCredentials, ServerTransport } from '@gatehouse/policy/documents/snapshot';
import { identifyUpstream, isSameUpstream } from '@gatehouse/policy/upstream';

import { createActId } from '../../audit/act-id.ts';
import { type AuditEntry, mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { countEdit, SeenRevision } from '../../edit-lock.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { createNameSchema } from '../../name.ts';
import { createNameTakenError } from '../../slug.ts';
import { writeConfigurations } from '../../snapshot/write-configuration.ts';
import { NewServerLimits } from '../new-server-limits.ts';
import { NewTransport } from '../new-transport.ts';
import { lockServer } from '../require-server.ts';
import { listServerSiteIds, requireSites } from '../sites.ts';
import { endApprovals } from './end-approvals.ts';
import { refuseLeaving } from './refuse-leaving.ts';
import { refuseArchived, toServerEdit } from './server-edit.ts';

export const UpdateServer = z.strictObject({
  serverId: z.uuid(),
  revision: SeenRevision,
  name: createNameSchema(80),
  purpose: z.string().trim().min(1).max(500),
  /** of the kind that it is: a program is not made into an address, nor an MCP server into an API */
  transport: NewTransport,
  /** all of them: what is left out is the default */
  limits: NewServerLimits,
  /** sites whose agents reach it */
  siteIds: z.array(z.uuid()).min(1).max(100),
});
export type UpdateServer = z.input<typeof UpdateServer>;

/** What of a server is edited together. */
type Edited = Omit<z.output<typeof UpdateServer>, 'serverId' | 'revision'>;

export interface UpdatedServer {
  revision: number;
  /** approvals that ended, because it is another upstream by now; null: it is the same, and what stood stands */
  endedApprovals: number | null;
}

/**
 * Changes what a server is called, how it is reached and where. At another upstream nothing counts of what was approved before. Whoever changes
 * its transport or adds a site becomes one of its authors. Throws EditConflictError when somebody else was first, `conflict` for a taken name,
 * `precondition` for an archived one and for a site where a published profile needs it, `invalid`, `not_found`.
 */
export async function updateServer({ ctx, input }: { ctx: ServiceContext; input: UpdateServer }): Promise<UpdatedServer> {
  authorize(ctx, 'server.manage');
  const { serverId, revision: seen, ...wanted } = parseInput(UpdateServer, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal, reportUnchanged } = mutation;
    const server = await lockServer(tx, tenantId, serverId);
    refuseArchived(server);
    const before = toEdited(server, await listServerSiteIds(tx, tenantId, serverId));
    const after = { ...wanted, siteIds: [...new Set(wanted.siteIds)].toSorted() };
    if (isSame(before, after)) {
      reportUnchanged();
      return { revision: server.revision, endedApprovals: null };
    }
    const revision = await countEdit(
      tx,
      ctx,
      toServerEdit(server, seen, () => before),
    );
    await checkChange(tx, server, before, after);
    const endedApprovals = isSameUpstream(before.transport, after.transport) ? null : await endApprovals(mutation, ctx, server);
    const change = toChange(server.id, { before, after, endedApprovals });
    await audit(...change.acts);
    await writeChange(tx, server, change);
    await writeConfigurations(mutation, ctx, [...before.siteIds, ...after.siteIds], change.reason, { catalogue: true });
    signal('server', serverId);
    return { revision, endedApprovals };
  });
}

function toEdited({ name, purpose, transport, limits }: Server, siteIds: readonly string[]): Edited {
  return {
    name,
    purpose,
    transport: ServerTransport.parse(transport),
    limits: ServerLimits.parse(limits ?? {}),
    siteIds: siteIds.toSorted(),
  };
}

const isSame = (one: unknown, other: unknown): boolean => toCanonicalJson(one) === toCanonicalJson(other);

async function checkChange(tx: TenantTx, { tenantId, id: serverId }: Server, before: Edited, after: Edited): Promise<void> {
  if (before.transport.kind !== after.transport.kind) {
    throw new ServiceError('invalid', 'A server stays of its kind. Add another server for this, and archive the old one.', {
      field: 'transport',
    });
  }
  if (before.name !== after.name) {
    const taken = await tx.server.count({ where: { tenantId, name: after.name, id: { not: serverId } } });
    if (taken > 0) throw createNameTakenError(after.name, 'server');
  }
  await requireSites(tx, tenantId, after.siteIds);
  const siteIds = before.siteIds.filter((id) => !after.siteIds.includes(id));
  await refuseLeaving(tx, { tenantId, serverId, siteIds });
}

interface Edit {
  before: Edited;
  after: Edited;
  endedApprovals: number | null;
}

/** What is to be written. */
interface Change {
  acts: AuditEntry[];
  data: Prisma.ServerUncheckedUpdateInput;
  /** sites that it is reachable at from now on, and those that it leaves */
  added: string[];
  left: string[];
  reason: 'server.update' | 'server.change_connection';
}

/**
 * One act, or two: how and where a server is reached is an act of its own, because it makes an author of who does it, and because the signer knows
 * transport and sites by it.
 */
function toChange(id: string, { before, after, endedApprovals }: Edit): Change {
  const subject = { entityType: 'server', entityId: id };
  const { name, purpose, limits, transport, siteIds } = after;
  const added = siteIds.filter((siteId) => !before.siteIds.includes(siteId));
  const left = before.siteIds.filter((siteId) => !siteIds.includes(siteId));
  const isConnection = !isSame(before.transport, transport) || added.length > 0;
  const [connectId, describeId] = [createActId(), createActId()];
  const connected: AuditEntry = {
    id: connectId,
    action: 'server.change_connection',
    ...subject,
    before: { ...describeTransport(before.transport), transport: before.transport, siteIds: before.siteIds },
    after: { ...describeTransport(transport), transport, siteIds, ...(endedApprovals !== null && { endedApprovals }) },
  };
  const described = pickChanged(before, after, isConnection ? [] : ['siteIds']);
  return {
    acts: [
      ...(isConnection ? [connected] : []),
      ...(described ? [{ id: describeId, action: 'server.update', ...subject, ...described }] : []),
    ],
    data: {
      name,
      purpose,
      ...(isConnection && { transport, upstream: identifyUpstream(transport), auditId: connectId }),
      ...(!isSame(before.limits, limits) && { limits, limitsAuditId: describeId }),
    },
    added,
    left,
    reason: isConnection ? 'server.change_connection' : 'server.update',
  };
}

async function writeChange(tx: TenantTx, { tenantId, id }: Server, { data, added, left }: Change): Promise<void> {
  await tx.server.update({ where: { tenantId_id: { tenantId, id } }, data });
  const there = { tenantId, serverId: id, siteId: { in: left } };
  await tx.serverSite.deleteMany({ where: there });
  await tx.observation.deleteMany({ where: there });
  await tx.serverSite.createMany({ data: added.map((siteId) => ({ tenantId, serverId: id, siteId })) });
}

/** As somebody reads it who goes through the log; the transport beside it is what the signer compares. */
function describeTransport(transport: ServerTransport): { address: string; credential?: string } {
  if (transport.kind === 'stdio') return { address: transport.entry };
  const credential = listCredentials(transport.credential).map(({ reference }) => reference);
  return { address: transport.kind === 'http' ? transport.url : transport.baseUrl, credential: credential.join(', ') || 'none' };
}

const DESCRIBED = ['name', 'purpose', 'limits'] as const;

/** What changed of these fields, before and after; null when nothing did. */
function pickChanged(before: Edited, after: Edited, more: readonly 'siteIds'[]) {
  const changed = [...DESCRIBED, ...more].filter((field) => !isSame(before[field], after[field]));
  if (changed.length === 0) return null;
  const pick = (values: Edited) => Object.fromEntries(changed.map((field) => [field, values[field]]));
  return { before: pick(before), after: pick(after) };
}
