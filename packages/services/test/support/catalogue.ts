import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { z } from 'zod';

import type { Risk, Verdict } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { makeProfile, makeServer, recordActs } from '@gatehouse/db/testing';
import { hashContent, computePin } from '@gatehouse/policy/documents/content-hash';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { makeTool } from '@gatehouse/policy/testing/build';

import type { ServiceContext } from '../../src/context.ts';
import { getFixtureDb } from './world.ts';

const Json = z.record(z.string(), z.json());
const DAY_MS = 24 * 3_600_000;

export interface DecidedTool {
  definition: ToolDefinition;
  verdict?: Verdict;
  risk?: Risk;
}

/** Rows of a server at a site. */
export async function putServer(ctx: ServiceContext, siteId: string): Promise<string> {
  const { tenantId, runtime } = ctx;
  const { id } = await makeServer(getFixtureDb(runtime), tenantId);
  await runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    await tx.serverSite.create({ data: { tenantId, serverId: id, siteId } });
    await recordActs(tx, tenantId);
  });
  return id;
}

/** Rows of a revision of a server with a decided review. */
export async function putRevision(
  ctx: ServiceContext,
  serverId: string,
  tools: readonly DecidedTool[],
  options: { validForMs?: number; open?: boolean } = {},
): Promise<{ reviewId: string }> {
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  return runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    const number = (await tx.serverRevision.count({ where: { tenantId, serverId } })) + 1;
    const revision = await tx.serverRevision.create({
      data: { tenantId, serverId, number, protocolVersion: '2025-11-25', serverInfo: {}, contentHash: hashContent(tools.length) },
    });
    const named = tools.map(({ definition }) => ({ kind: 'tool' as const, name: definition.name, pin: computePin(definition) }));
    await tx.revisionEntry.createMany({
      data: tools.map(({ definition }, index) => ({
        tenantId,
        revisionId: revision.id,
        ...named[index]!,
        definition: Json.parse(definition),
      })),
    });
    const review = await tx.review.create({
      data: {
        tenantId,
        serverId,
        revisionId: revision.id,
        requestedBy: randomUUID(),
        state: options.open ? 'open' : 'decided',
        decidedAt: options.open ? null : now,
        validUntil: options.open ? null : new Date(now.getTime() + (options.validForMs ?? 90 * DAY_MS)),
      },
    });
    await tx.entryDecision.createMany({
      data: tools.map(({ verdict = 'approved', risk = 'read' }, index) => ({
        tenantId,
        reviewId: review.id,
        serverId,
        ...named[index]!,
        verdict,
        risk,
      })),
    });
    await recordActs(tx, tenantId);
    return { reviewId: review.id };
  });
}

/** Rows of a profile that is published at a site with these tools. */
export async function putProfile(
  ctx: ServiceContext,
  siteId: string,
  tools: readonly { serverId: string; definition: ToolDefinition }[],
): Promise<string> {
  const { tenantId, runtime } = ctx;
  const profile = await makeProfile(getFixtureDb(runtime), tenantId, { publishedVersion: 1 });
  const document = PublishedProfile.parse({
    name: profile.name,
    description: '',
    audit: 'durable',
    entries: tools
      .map(({ serverId, definition }) => makeTool({ id: serverId }, definition))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  });
  await runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    const version = {
      tenantId,
      profileId: profile.id,
      number: 1,
      document,
      contentHash: hashContent(document),
      publishedBy: randomUUID(),
    };
    await tx.profileVersion.create({ data: version });
    await tx.profileSite.create({ data: { tenantId, profileId: profile.id, siteId } });
    await recordActs(tx, tenantId);
  });
  return profile.id;
}

/** Rows of a client key, with access to its profile unless told otherwise. */
export async function putClientKey(
  ctx: ServiceContext,
  key: { profileId: string; membershipId: string; expiresAt?: Date; revokedAt?: Date; withoutAccess?: boolean },
): Promise<string> {
  const { tenantId, runtime } = ctx;
  const { profileId, membershipId, withoutAccess, expiresAt = new Date(runtime.now().getTime() + DAY_MS), revokedAt } = key;
  return runInTenant(getFixtureDb(runtime), tenantId, async (tx) => {
    const access = { tenantId, profileId, membershipId, grantedBy: membershipId };
    if (!withoutAccess) await tx.profileAccess.createMany({ data: [access], skipDuplicates: true });
    const keyHash = createHash('sha256').update(randomBytes(32)).digest('hex');
    const { id } = await tx.clientKey.create({
      data: { tenantId, profileId, membershipId, name: 'Laptop', keyHash, expiresAt, revokedAt },
    });
    await recordActs(tx, tenantId);
    return id;
  });
}
