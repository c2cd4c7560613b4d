import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';

import { createNotFoundError } from '../../errors.ts';

/** A version of a profile. */
export const VersionRef = z.strictObject({ profileId: z.uuid(), version: z.int().min(1).max(2_147_483_647) });
export type VersionRef = z.input<typeof VersionRef>;

/** What a version holds. Throws `not_found`. */
export async function requireVersion(
  tx: TenantTx,
  tenantId: string,
  { profileId, version }: VersionRef,
): Promise<PublishedProfile> {
  const found = await tx.profileVersion.findUnique({
    where: { tenantId_profileId_number: { tenantId, profileId, number: version } },
    select: { document: true },
  });
  if (!found) throw createNotFoundError('version');
  return PublishedProfile.parse(found.document);
}

/** What the servers of these documents are called, by id, for the words that tell them apart. Those that were deleted are left out. */
export async function getServerNames(
  tx: TenantTx,
  tenantId: string,
  documents: readonly (Pick<PublishedProfile, 'entries'> | null)[],
): Promise<Record<string, string>> {
  const ids = new Set(documents.flatMap((document) => document?.entries.map(({ serverId }) => serverId) ?? []));
  const servers = await tx.server.findMany({ where: { tenantId, id: { in: [...ids] } }, select: { id: true, name: true } });
  return Object.fromEntries(servers.map(({ id, name }) => [id, name]));
}
