import { ConfirmReview, confirmReview } from '@gatehouse/services/review/confirm-review';
import { ConsentReview, consentReview } from '@gatehouse/services/review/consent/consent-review';
import { DecideReview, decideReview } from '@gatehouse/services/review/decide-review';
import { AddComment, addComment } from '@gatehouse/services/review/discussion/add-comment';
import { SettleFinding, settleFinding } from '@gatehouse/services/review/findings/settle-finding';
import { GetReview, getReview } from '@gatehouse/services/review/get-review';
import { ListReviews, listReviews } from '@gatehouse/services/review/list-reviews';
import { TakeBackDecision, takeBackDecision } from '@gatehouse/services/review/take-back-decision';

import { inTenant, router } from '../trpc.ts';

export const reviewRouter = router({
  list: inTenant.input(ListReviews).query(({ ctx, input }) => listReviews({ ctx: ctx.service, input })),
  get: inTenant.input(GetReview).query(({ ctx, input }) => getReview({ ctx: ctx.service, input })),
  confirm: inTenant.input(ConfirmReview).mutation(({ ctx, input }) => confirmReview({ ctx: ctx.service, input })),
  consent: inTenant.input(ConsentReview).mutation(({ ctx, input }) => consentReview({ ctx: ctx.service, input })),
  decide: inTenant.input(DecideReview).mutation(({ ctx, input }) => decideReview({ ctx: ctx.service, input })),
  takeBack: inTenant.input(TakeBackDecision).mutation(({ ctx, input }) => takeBackDecision({ ctx: ctx.service, input })),
  settleFinding: inTenant.input(SettleFinding).mutation(({ ctx, input }) => settleFinding({ ctx: ctx.service, input })),
  comment: inTenant.input(AddComment).mutation(({ ctx, input }) => addComment({ ctx: ctx.service, input })),
});
