import type { Profile, PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { PublishedProfile } from '@gatehouse/policy/documents/profile';

import type { ServiceContext } from '../../context.ts';
import { buildRollBack, type RollBack } from '../history/build-roll-back.ts';
import { buildDraftVersion } from '../publish/build-draft-version.ts';
import { type DueVersion, prepareVersion } from '../publish/write-version.ts';

/** What a request would make of a profile now. */
export interface Offer {
  due: DueVersion;
  document: PublishedProfile;
  /** of a request to roll back */
  rollBack: RollBack | null;
}

/** What a request is about, as it would be published at this moment: made anew each time, so that nobody agrees to what has changed. Throws as publishing it. */
export async function buildOffer(
  tx: TenantTx,
  ctx: ServiceContext,
  profile: Profile,
  { rolledBackTo }: Pick<PublishRequest, 'rolledBackTo'>,
): Promise<Offer> {
  const rollBack = rolledBackTo === null ? null : await buildRollBack(tx, ctx, profile, rolledBackTo);
  const { document, siteIds } = rollBack ?? (await buildDraftVersion(tx, ctx, profile));
  const due = await prepareVersion(tx, ctx, profile, { document, siteIds, expected: undefined, rolledBackTo });
  return { due, document, rollBack };
}
