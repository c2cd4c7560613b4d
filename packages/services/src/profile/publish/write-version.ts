import type { Prisma, Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';

import { createActId } from '../../audit/act-id.ts';
import { toLoggedCounts } from '../../audit/logged-counts.ts';
import type { AuditEntry, Mutation } from '../../audit/mutate.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { ServiceError } from '../../errors.ts';
import { writeConfigurations } from '../../snapshot/write-configuration.ts';

/** What becomes a version, of the content that somebody has looked at. */
export interface NewVersion {
  document: PublishedProfile;
  siteIds: readonly string[];
  /** `contentHash` of what was looked at: anything else is refused */
  expected: string | undefined;
  /** number of the version whose choices it brings back; null: it is made of the draft */
  rolledBackTo: number | null;
}

export interface PublishedVersion {
  version: number;
  /** sites that got a new configuration */
  sites: { siteId: string; snapshotVersion: number }[];
}

/** Throws `precondition` for a profile that is off, which serves nothing. */
export function refuseOff({ name, disabledAt, archivedAt }: Pick<Profile, 'name' | 'disabledAt' | 'archivedAt'>): void {
  if (archivedAt !== null) throw new ServiceError('precondition', `${name} is archived. Restore it first.`);
  if (disabledAt !== null) throw new ServiceError('precondition', `${name} is disabled. Enable it first.`);
}

/** A version that is due, and the act that makes it. */
export interface DueVersion {
  act: AuditEntry;
  row: Prisma.ProfileVersionUncheckedCreateInput;
  siteIds: readonly string[];
  /** names exactly this version, its content and its sites: what an owner agrees to */
  offerHash: string;
}

/**
 * Under the lock of the profile: what its next version is. Throws `conflict` when that is not what was looked at or is what is served already. The caller
 * writes the act, then stores it by `storeVersion`.
 */
export async function prepareVersion(
  tx: TenantTx,
  ctx: ServiceContext,
  { id: profileId, publishedVersion }: Pick<Profile, 'id' | 'publishedVersion'>,
  { document, siteIds, expected, rolledBackTo }: NewVersion,
): Promise<DueVersion> {
  const { tenantId } = ctx;
  const contentHash = hashContent(document);
  if (expected !== undefined && expected !== contentHash) {
    throw new ServiceError('conflict', 'This is not what you looked at any more. Look at it again, then publish.');
  }
  const newest = await tx.profileVersion.findFirst({ where: { tenantId, profileId }, orderBy: { number: 'desc' } });
  if (newest && newest.number === publishedVersion && hashContent(PublishedProfile.parse(newest.document)) === contentHash) {
    throw new ServiceError(
      'conflict',
      `Version ${newest.number} is published and holds exactly this. Nothing is left to publish.`,
    );
  }
  const version = (newest?.number ?? 0) + 1;
  const auditId = createActId();
  const from = rolledBackTo === null ? {} : { rolledBackTo };
  const [publishedBy, publishedAt] = [getActorId(ctx.actor), ctx.runtime.now()];
  return {
    act: {
      id: auditId,
      // one action makes versions, by which every signer knows them, also one of before
      action: 'profile.publish',
      entityType: 'profile',
      entityId: profileId,
      before: { version: publishedVersion },
      after: { version, ...from, contentHash, ...toLoggedCounts(document.entries), siteIds: [...siteIds] },
    },
    row: { tenantId, profileId, number: version, document, contentHash, publishedBy, publishedAt, auditId, ...from },
    siteIds,
    offerHash: hashContent({ version, contentHash, siteIds: siteIds.toSorted() }),
  };
}

/** Inside the caller's mutation, after its act was written: makes the version, and the signed configurations of all its sites. */
export async function storeVersion(
  mutation: Mutation,
  ctx: ServiceContext,
  { row, siteIds }: DueVersion,
): Promise<PublishedVersion> {
  const { tx, signal } = mutation;
  const { tenantId, profileId: id, number: version } = row;
  await tx.profileVersion.create({ data: row });
  await tx.profile.update({ where: { tenantId_id: { tenantId, id } }, data: { publishedVersion: version } });
  const sites = await writeConfigurations(mutation, ctx, siteIds, 'profile.publish', { catalogue: true });
  signal('profile', id);
  return { version, sites };
}
