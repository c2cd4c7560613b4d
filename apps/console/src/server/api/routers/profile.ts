import { CreateProfile, createProfile } from '@gatehouse/services/profile/create-profile';
import { DisableProfile, disableProfile } from '@gatehouse/services/profile/disable-profile';
import { EnableProfile, enableProfile } from '@gatehouse/services/profile/enable-profile';
import { GetProfile, getProfile } from '@gatehouse/services/profile/get-profile';
import { GetRollout, getRollout } from '@gatehouse/services/profile/get-rollout';
import { GrantAccess, grantAccess } from '@gatehouse/services/profile/grant-access';
import { listProfiles } from '@gatehouse/services/profile/list-profiles';
import { PreviewTools, previewTools } from '@gatehouse/services/profile/preview-tools';
import { PublishProfile, publishProfile } from '@gatehouse/services/profile/publish-profile';
import { RevokeAccess, revokeAccess } from '@gatehouse/services/profile/revoke-access';
import { SaveDraft, saveDraft } from '@gatehouse/services/profile/save-draft';

import { inTenant, router } from '../trpc.ts';

export const profileRouter = router({
  create: inTenant.input(CreateProfile).mutation(({ ctx, input }) => createProfile({ ctx: ctx.service, input })),
  list: inTenant.query(({ ctx }) => listProfiles({ ctx: ctx.service })),
  get: inTenant.input(GetProfile).query(({ ctx, input }) => getProfile({ ctx: ctx.service, input })),
  saveDraft: inTenant.input(SaveDraft).mutation(({ ctx, input }) => saveDraft({ ctx: ctx.service, input })),
  publish: inTenant.input(PublishProfile).mutation(({ ctx, input }) => publishProfile({ ctx: ctx.service, input })),
  rollout: inTenant.input(GetRollout).query(({ ctx, input }) => getRollout({ ctx: ctx.service, input })),
  grantAccess: inTenant.input(GrantAccess).mutation(({ ctx, input }) => grantAccess({ ctx: ctx.service, input })),
  revokeAccess: inTenant.input(RevokeAccess).mutation(({ ctx, input }) => revokeAccess({ ctx: ctx.service, input })),
  preview: inTenant.input(PreviewTools).query(({ ctx, input }) => previewTools({ ctx: ctx.service, input })),
  disable: inTenant.input(DisableProfile).mutation(({ ctx, input }) => disableProfile({ ctx: ctx.service, input })),
  enable: inTenant.input(EnableProfile).mutation(({ ctx, input }) => enableProfile({ ctx: ctx.service, input })),
});
