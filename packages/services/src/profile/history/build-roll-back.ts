import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft, type PublishedProfile } from '@gatehouse/policy/documents/profile';

import type { ServiceContext } from '../../context.ts';
import { ServiceError } from '../../errors.ts';
import { isDraftChanged } from '../draft/draft-changes.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { listSelectionProblems, refuseCollisions, type SelectionProblem } from '../draft/refuse-draft.ts';
import { buildPublishedDocument } from '../publish/published-document.ts';
import { getPublishedVersions } from '../publish/published-versions.ts';
import { refuseOff } from '../publish/write-version.ts';
import { listProfileSiteIds } from '../require-profile.ts';
import { requireVersion } from './require-version.ts';
import { toVersionDraft } from './version-draft.ts';

/** What rolling back would make. */
export interface RollBack {
  siteIds: string[];
  /** what is served now */
  published: PublishedProfile;
  /** the version that would be made: what was chosen then, as it is approved now */
  document: PublishedProfile;
  /** the choices of it as a draft */
  draft: ProfileDraft;
  /** what was chosen then and cannot be served now, each with the reason */
  leftOut: SelectionProblem[];
  /** the draft holds changes that were never published: it stays as it is */
  isDraftKept: boolean;
}

/**
 * The choices of a version, joined with what is approved at this moment: the same way that a draft goes to its version, but that what cannot be used is
 * left out and named. Throws `not_found`, `precondition` when the profile is off, was never published or nothing of the version can be used, and
 * `conflict` for the version that is served.
 */
export async function buildRollBack(tx: TenantTx, ctx: ServiceContext, profile: Profile, version: number): Promise<RollBack> {
  const { tenantId } = ctx;
  const { id: profileId } = profile;
  refuseOff(profile);
  const chosen = await requireVersion(tx, tenantId, { profileId, version });
  if (version === profile.publishedVersion) {
    throw new ServiceError('conflict', `Version ${version} is what is served. Choose an earlier one.`);
  }
  const published = (await getPublishedVersions(tx, tenantId, [profileId])).get(profileId)?.document;
  if (!published) throw new ServiceError('precondition', 'Nothing of this profile is served. Publish it first.');
  const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
  const wanted = toVersionDraft(chosen);
  const joined = await joinDraft(tx, ctx, wanted, siteIds);
  const usable = joined.filter(({ problem }) => problem === null);
  const leftOut = listSelectionProblems(joined);
  if (usable.length === 0) {
    throw new ServiceError(
      'precondition',
      `Nothing of version ${version} can be served now: ${leftOut[0]?.text ?? 'it was empty'}.`,
    );
  }
  refuseCollisions(usable);
  return {
    siteIds,
    published,
    document: buildPublishedDocument(chosen, wanted, usable),
    draft: wanted,
    leftOut,
    isDraftKept: isEdited(profile, published),
  };
}

/** Whether people changed the profile since it was published; what its servers changed meanwhile is nobody's work. */
function isEdited({ name, description, draft }: Profile, published: PublishedProfile): boolean {
  const stored = ProfileDraft.parse(draft);
  const texts = Map.groupBy(published.entries, toServerEntryKey);
  const entries = stored.entries.map((entry) => ({
    ...entry,
    pins: (texts.get(toServerEntryKey(entry)) ?? []).map(({ pin }) => pin),
  }));
  return isDraftChanged({ ...stored, name, description, entries }, published);
}
