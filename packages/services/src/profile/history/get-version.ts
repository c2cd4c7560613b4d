import type { PublishedProfile } from '@gatehouse/policy/documents/profile';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { requireProfile } from '../require-profile.ts';
import { getServerNames, requireVersion, VersionRef } from './require-version.ts';

export const GetVersion = VersionRef;
export type GetVersion = VersionRef;

export interface VersionDetail {
  number: number;
  document: PublishedProfile;
  /** what the version before it held; null of the first */
  before: PublishedProfile | null;
  /** by server id */
  serverNames: Record<string, string>;
}

/** One version and the one before it: what it changed. Throws `not_found`. */
export async function getVersion({ ctx, input }: { ctx: ServiceContext; input: GetVersion }): Promise<VersionDetail> {
  authorize(ctx, 'profile.read');
  const { profileId, version } = parseInput(GetVersion, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    await requireProfile(tx, tenantId, { profileId });
    const document = await requireVersion(tx, tenantId, { profileId, version });
    const before = version === 1 ? null : await requireVersion(tx, tenantId, { profileId, version: version - 1 });
    return { number: version, document, before, serverNames: await getServerNames(tx, tenantId, [document, before]) };
  });
}
