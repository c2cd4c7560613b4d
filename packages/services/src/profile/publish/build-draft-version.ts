import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import type { ServiceContext } from '../../context.ts';
import { ServiceError } from '../../errors.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { refuseCollisions, refuseProblems } from '../draft/refuse-draft.ts';
import { listProfileSiteIds } from '../require-profile.ts';
import { buildPublishedDocument } from './published-document.ts';
import { type NewVersion, refuseOff } from './write-version.ts';

/**
 * What the draft would be as a version, joined with what is approved at this moment. Throws `precondition` for a profile that is off, and when nothing is
 * selected or what is selected is not approved or not reachable everywhere.
 */
export async function buildDraftVersion(
  tx: TenantTx,
  ctx: ServiceContext,
  profile: Profile,
): Promise<Pick<NewVersion, 'document' | 'siteIds'>> {
  refuseOff(profile);
  const draft = ProfileDraft.parse(profile.draft);
  if (draft.entries.length === 0) throw new ServiceError('precondition', 'Nothing is selected. Select at least one entry.');
  const siteIds = await listProfileSiteIds(tx, ctx.tenantId, profile.id);
  const joined = await joinDraft(tx, ctx, draft, siteIds);
  refuseCollisions(joined);
  refuseProblems(joined);
  return { document: buildPublishedDocument(profile, draft, joined), siteIds };
}
