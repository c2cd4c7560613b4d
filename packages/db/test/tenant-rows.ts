import { hash, randomUUID } from 'node:crypto';

import type { Database } from '../src/client.ts';
import { runInTenant } from '../src/tenant.ts';
import {
  makeAccountToken,
  makeAgent,
  makeJoinToken,
  makeMembership,
  makeProfile,
  makeServer,
  makeSite,
  makeTenant,
} from '../src/testing.ts';

/** A tenant with one row in every table that has a tenant_id. Slugs are the same for every tenant. */
export async function makeFullTenant(db: Database) {
  const { id: tenantId } = await makeTenant(db);
  const site = await makeSite(db, tenantId, { slug: 'helsinki' });
  const agent = await makeAgent(db, tenantId, { siteId: site.id, name: 'agent' });
  const membership = await makeMembership(db, tenantId);
  await makeAccountToken(db, tenantId, { createdBy: membership.id });
  const server = await makeServer(db, tenantId, { slug: 'orders' });
  const profile = await makeProfile(db, tenantId, { slug: 'order-support' });
  const joinToken = await makeJoinToken(db, tenantId, { siteId: site.id });
  const bytes = new Uint8Array([1, 2, 3]);
  const [serverId, siteId, profileId, membershipId] = [server.id, site.id, profile.id, membership.id];
  const soon = new Date(Date.now() + 60_000);

  const rest = await runInTenant(db, tenantId, async (tx) => {
    const key = await tx.signingKey.create({ data: { tenantId, publicKey: bytes, privateKeySealed: bytes } });
    const act = await tx.adminAudit.create({
      data: { tenantId, actorKind: 'person', actorId: membershipId, action: 'site.create', entityType: 'site', entityId: siteId },
    });
    const envelope = { payload: bytes, signature: bytes, keyId: key.id };
    const entry = { seq: 1, hash: 'h', act: 'end', subjectKind: 'key', subjectId: 'k', at: soon, entryId: key.id };
    await tx.revocation.create({ data: { tenantId, ...entry, ...envelope, auditId: act.id } });
    await tx.keyset.create({ data: { tenantId, version: 1, notAfter: soon, ...envelope } });
    await tx.revocationHead.create({ data: { tenantId, count: 1 } });
    await tx.revocationRoot.create({ data: { tenantId, root: 'r', seq: 1, signedAt: soon } });
    await tx.revocationHandover.create({ data: { tenantId, hash: 'other', ...envelope, agentId: agent.id } });
    await tx.serverSite.create({ data: { tenantId, serverId, siteId } });
    await tx.profileSite.create({ data: { tenantId, profileId, siteId } });
    await tx.profileAccess.create({ data: { tenantId, profileId, membershipId, grantedBy: membershipId } });
    const group = await tx.personGroup.create({ data: { tenantId, name: 'Support', createdBy: membershipId } });
    await tx.groupMember.create({ data: { tenantId, groupId: group.id, membershipId, addedBy: membershipId } });
    await tx.profileGroup.create({ data: { tenantId, profileId, groupId: group.id, grantedBy: membershipId } });
    await tx.approver.create({ data: { tenantId, profileId, membershipId, addedBy: membershipId } });
    await tx.profileVersion.create({
      data: { tenantId, profileId, number: 1, document: {}, contentHash: 'h', publishedBy: membershipId },
    });
    await tx.accessRequest.create({ data: { tenantId, profileId, membershipId, reason: 'x' } });
    await tx.publishRequest.create({ data: { tenantId, profileId, draftRevision: 1, requestedBy: membershipId } });
    const clientKey = await tx.clientKey.create({
      data: { tenantId, membershipId, profileId, name: 'laptop', keyHash: randomUUID(), expiresAt: soon },
    });
    await tx.agentStream.create({ data: { tenantId, agentId: agent.id, spoolId: randomUUID(), headHash: '0'.repeat(64) } });
    await tx.discovery.create({
      data: {
        tenantId,
        serverId,
        siteId,
        agentId: agent.id,
        requestedBy: membershipId,
        payload: bytes,
        signature: bytes,
        keyId: key.id,
        expiresAt: soon,
      },
    });
    const revision = await tx.serverRevision.create({
      data: { tenantId, serverId, number: 1, protocolVersion: '2025-06-18', serverInfo: {}, contentHash: 'h' },
    });
    const seen = { serverId, siteId, revisionId: revision.id, agentId: agent.id, observedAt: soon };
    await tx.observation.create({ data: { tenantId, ...seen } });
    const look = { siteId, revisionId: revision.id, agentId: agent.id, lookedAt: soon };
    await tx.revisionLook.create({ data: { tenantId, ...look, leftOut: { parts: [], more: 0 } } });
    const tool = { tenantId, kind: 'tool', name: 'find', pin: 'p' } as const;
    await tx.revisionEntry.create({ data: { ...tool, revisionId: revision.id, definition: {} } });
    const review = await tx.review.create({ data: { tenantId, serverId, revisionId: revision.id, requestedBy: membershipId } });
    await tx.entryDecision.create({ data: { ...tool, reviewId: review.id, serverId, risk: 'read' } });
    await tx.reviewComment.create({ data: { tenantId, reviewId: review.id, text: 'Why?', createdBy: membershipId } });
    const said = { state: 'acknowledged', by: membershipId, at: soon, revision: 1 } as const;
    await tx.findingState.create({ data: { tenantId, serverId, kind: 'tool', pin: 'p', finding: 'f', ...said } });
    await tx.formerDecision.create({ data: { ...tool, serverName: 'Gone', verdict: 'rejected', decidedAt: soon } });
    await tx.snapshot.create({
      data: {
        tenantId,
        siteId,
        version: 1,
        contentHash: 'h',
        payload: bytes,
        signature: bytes,
        keyId: key.id,
        notAfter: soon,
        reason: 'test',
      },
    });
    await tx.manifest.create({
      data: {
        tenantId,
        siteId,
        version: 1,
        contentHash: 'h',
        payload: bytes,
        signature: bytes,
        keyId: key.id,
        notAfter: soon,
        reason: 'test',
      },
    });
    await tx.mail.create({ data: { tenantId, kind: 'reset', email: 'ada@acme.example', dueAt: soon } });
    await tx.jobFailure.create({ data: { tenantId, job: 'keep-keyset', since: soon, failedAt: soon, code: 'internal' } });
    await tx.configPart.create({ data: { tenantId, hash: hash('sha256', bytes), bytes } });
    await tx.receipt.create({ data: makeReceiptRow(tenantId, { agentId: agent.id, siteId }) });
    return { revision, review, clientKey };
  });
  return { tenantId, site, agent, membership, server, profile, joinToken, ...rest };
}

export type FullTenant = Awaited<ReturnType<typeof makeFullTenant>>;

/** A receipt as the ingest would write it. */
export function makeReceiptRow(tenantId: string, options: { agentId?: string; siteId?: string; receivedAt?: Date } = {}) {
  const { agentId = randomUUID(), siteId = randomUUID(), receivedAt = new Date() } = options;
  return {
    tenantId,
    receivedAt,
    id: randomUUID(),
    agentId,
    siteId,
    spoolId: randomUUID(),
    seq: 1n,
    eventAt: receivedAt,
    outcome: 'allowed' as const,
    reasonCode: 'ok',
    configVersion: 1n,
    durationMs: 1.5,
    document: {},
    prevHash: '0'.repeat(64),
    hash: '1'.repeat(64),
  };
}
