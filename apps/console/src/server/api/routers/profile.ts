import { WhatStopsOf } from '@gatehouse/services/list/what-stops';
import { ConsentPublish, consentPublish } from '@gatehouse/services/profile/consent/consent-publish';
import { CreateProfile, createProfile } from '@gatehouse/services/profile/create-profile';
import { SaveDraft, saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import {
  ArchiveProfile,
  archiveProfile,
  ArchiveProfiles,
  archiveProfiles,
  RestoreProfile,
  restoreProfile,
  restoreProfiles,
} from '@gatehouse/services/profile/end/archive-profile';
import { DeleteProfile, deleteProfile } from '@gatehouse/services/profile/end/delete-profile';
import { GetProfileEnd, getProfileEnd } from '@gatehouse/services/profile/end/get-profile-end';
import { getProfileStops } from '@gatehouse/services/profile/end/get-profile-stops';
import { GetProfile, getProfile } from '@gatehouse/services/profile/get-profile';
import { GrantAccess, grantAccess } from '@gatehouse/services/profile/grant-access';
import { GetVersion, getVersion } from '@gatehouse/services/profile/history/get-version';
import { ListVersions, listVersions } from '@gatehouse/services/profile/history/list-versions';
import { PreviewRollBack, previewRollBack } from '@gatehouse/services/profile/history/preview-roll-back';
import { RollBackProfile, rollBackProfile } from '@gatehouse/services/profile/history/roll-back-profile';
import { StartDraft, startDraft } from '@gatehouse/services/profile/history/start-draft';
import { ListEndpoints, listEndpoints } from '@gatehouse/services/profile/list-endpoints';
import { ListProfileGroups, listProfileGroups } from '@gatehouse/services/profile/list-profile-groups';
import { ListProfilePeople, listProfilePeople } from '@gatehouse/services/profile/list-profile-people';
import { ListProfiles, listProfiles } from '@gatehouse/services/profile/list-profiles';
import { GetRollout, getRollout } from '@gatehouse/services/profile/publish/get-rollout';
import { PreviewProfile, previewProfile } from '@gatehouse/services/profile/publish/preview-profile';
import { PublishProfile, publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import {
  SendBackRequest,
  sendBackRequest,
  WithdrawRequest,
  withdrawRequest,
} from '@gatehouse/services/profile/request/decide-request';
import { GetPublishRequest, getPublishRequest } from '@gatehouse/services/profile/request/get-publish-request';
import { ListPublishRequests, listPublishRequests } from '@gatehouse/services/profile/request/list-publish-requests';
import { RequestPublish, requestPublish } from '@gatehouse/services/profile/request/request-publish';
import { RevokeAccess, revokeAccess } from '@gatehouse/services/profile/revoke-access';
import { disableProfile, enableProfile, ProfileSwitch } from '@gatehouse/services/profile/switch-profile';
import { UpdateProfile, updateProfile } from '@gatehouse/services/profile/update-profile';

import { inTenant, router } from '../trpc.ts';

export const profileRouter = router({
  create: inTenant.input(CreateProfile).mutation(({ ctx, input }) => createProfile({ ctx: ctx.service, input })),
  list: inTenant.input(ListProfiles).query(({ ctx, input }) => listProfiles({ ctx: ctx.service, input })),
  get: inTenant.input(GetProfile).query(({ ctx, input }) => getProfile({ ctx: ctx.service, input })),
  people: inTenant.input(ListProfilePeople).query(({ ctx, input }) => listProfilePeople({ ctx: ctx.service, input })),
  groups: inTenant.input(ListProfileGroups).query(({ ctx, input }) => listProfileGroups({ ctx: ctx.service, input })),
  endpoints: inTenant.input(ListEndpoints).query(({ ctx, input }) => listEndpoints({ ctx: ctx.service, input })),
  update: inTenant.input(UpdateProfile).mutation(({ ctx, input }) => updateProfile({ ctx: ctx.service, input })),
  saveDraft: inTenant.input(SaveDraft).mutation(({ ctx, input }) => saveDraft({ ctx: ctx.service, input })),
  publish: inTenant.input(PublishProfile).mutation(({ ctx, input }) => publishProfile({ ctx: ctx.service, input })),
  rollout: inTenant.input(GetRollout).query(({ ctx, input }) => getRollout({ ctx: ctx.service, input })),
  grantAccess: inTenant.input(GrantAccess).mutation(({ ctx, input }) => grantAccess({ ctx: ctx.service, input })),
  revokeAccess: inTenant.input(RevokeAccess).mutation(({ ctx, input }) => revokeAccess({ ctx: ctx.service, input })),
  preview: inTenant.input(PreviewProfile).query(({ ctx, input }) => previewProfile({ ctx: ctx.service, input })),
  disable: inTenant.input(ProfileSwitch).mutation(({ ctx, input }) => disableProfile({ ctx: ctx.service, input })),
  enable: inTenant.input(ProfileSwitch).mutation(({ ctx, input }) => enableProfile({ ctx: ctx.service, input })),
  versions: inTenant.input(ListVersions).query(({ ctx, input }) => listVersions({ ctx: ctx.service, input })),
  version: inTenant.input(GetVersion).query(({ ctx, input }) => getVersion({ ctx: ctx.service, input })),
  previewRollBack: inTenant.input(PreviewRollBack).query(({ ctx, input }) => previewRollBack({ ctx: ctx.service, input })),
  rollBack: inTenant.input(RollBackProfile).mutation(({ ctx, input }) => rollBackProfile({ ctx: ctx.service, input })),
  startDraft: inTenant.input(StartDraft).mutation(({ ctx, input }) => startDraft({ ctx: ctx.service, input })),
  publishRequests: inTenant
    .input(ListPublishRequests)
    .query(({ ctx, input }) => listPublishRequests({ ctx: ctx.service, input })),
  publishRequest: inTenant.input(GetPublishRequest).query(({ ctx, input }) => getPublishRequest({ ctx: ctx.service, input })),
  consentPublish: inTenant.input(ConsentPublish).mutation(({ ctx, input }) => consentPublish({ ctx: ctx.service, input })),
  requestPublish: inTenant.input(RequestPublish).mutation(({ ctx, input }) => requestPublish({ ctx: ctx.service, input })),
  sendBackRequest: inTenant.input(SendBackRequest).mutation(({ ctx, input }) => sendBackRequest({ ctx: ctx.service, input })),
  withdrawRequest: inTenant.input(WithdrawRequest).mutation(({ ctx, input }) => withdrawRequest({ ctx: ctx.service, input })),
  end: inTenant.input(GetProfileEnd).query(({ ctx, input }) => getProfileEnd({ ctx: ctx.service, input })),
  whatStops: inTenant.input(WhatStopsOf).query(({ ctx, input }) => getProfileStops({ ctx: ctx.service, input })),
  archive: inTenant.input(ArchiveProfile).mutation(({ ctx, input }) => archiveProfile({ ctx: ctx.service, input })),
  restore: inTenant.input(RestoreProfile).mutation(({ ctx, input }) => restoreProfile({ ctx: ctx.service, input })),
  archiveMany: inTenant.input(ArchiveProfiles).mutation(({ ctx, input }) => archiveProfiles({ ctx: ctx.service, input })),
  restoreMany: inTenant.input(ArchiveProfiles).mutation(({ ctx, input }) => restoreProfiles({ ctx: ctx.service, input })),
  delete: inTenant.input(DeleteProfile).mutation(({ ctx, input }) => deleteProfile({ ctx: ctx.service, input })),
});
