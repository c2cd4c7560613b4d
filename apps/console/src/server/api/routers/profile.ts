import { CreateProfile, createProfile } from '@gatehouse/services/profile/create-profile';
import { SaveDraft, saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { GetProfile, getProfile } from '@gatehouse/services/profile/get-profile';
import { GrantAccess, grantAccess } from '@gatehouse/services/profile/grant-access';
import { ListEndpoints, listEndpoints } from '@gatehouse/services/profile/list-endpoints';
import { listProfiles } from '@gatehouse/services/profile/list-profiles';
import { GetRollout, getRollout } from '@gatehouse/services/profile/publish/get-rollout';
import { PreviewProfile, previewProfile } from '@gatehouse/services/profile/publish/preview-profile';
import { PublishProfile, publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { RevokeAccess, revokeAccess } from '@gatehouse/services/profile/revoke-access';
import { disableProfile, enableProfile, ProfileSwitch } from '@gatehouse/services/profile/switch-profile';

import { inTenant, router } from '../trpc.ts';

export const profileRouter = router({
  create: inTenant.input(CreateProfile).mutation(({ ctx, input }) => createProfile({ ctx: ctx.service, input })),
  list: inTenant.query(({ ctx }) => listProfiles({ ctx: ctx.service })),
  get: inTenant.input(GetProfile).query(({ ctx, input }) => getProfile({ ctx: ctx.service, input })),
  endpoints: inTenant.input(ListEndpoints).query(({ ctx, input }) => listEndpoints({ ctx: ctx.service, input })),
  saveDraft: inTenant.input(SaveDraft).mutation(({ ctx, input }) => saveDraft({ ctx: ctx.service, input })),
  publish: inTenant.input(PublishProfile).mutation(({ ctx, input }) => publishProfile({ ctx: ctx.service, input })),
  rollout: inTenant.input(GetRollout).query(({ ctx, input }) => getRollout({ ctx: ctx.service, input })),
  grantAccess: inTenant.input(GrantAccess).mutation(({ ctx, input }) => grantAccess({ ctx: ctx.service, input })),
  revokeAccess: inTenant.input(RevokeAccess).mutation(({ ctx, input }) => revokeAccess({ ctx: ctx.service, input })),
  preview: inTenant.input(PreviewProfile).query(({ ctx, input }) => previewProfile({ ctx: ctx.service, input })),
  disable: inTenant.input(ProfileSwitch).mutation(({ ctx, input }) => disableProfile({ ctx: ctx.service, input })),
  enable: inTenant.input(ProfileSwitch).mutation(({ ctx, input }) => enableProfile({ ctx: ctx.service, input })),
});
