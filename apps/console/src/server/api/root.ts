import { accessRequestRouter } from './routers/access-request.ts';
import { adminAuditRouter } from './routers/admin-audit.ts';
import { agentRouter } from './routers/agent.ts';
import { clientKeyRouter } from './routers/client-key.ts';
import { discoveryRouter } from './routers/discovery.ts';
import { entryRouter } from './routers/entry.ts';
import { groupRouter } from './routers/group.ts';
import { joinTokenRouter } from './routers/join-token.ts';
import { liveRouter } from './routers/live.ts';
import { meRouter } from './routers/me.ts';
import { memberRouter } from './routers/member.ts';
import { overviewRouter } from './routers/overview.ts';
import { ownerRouter } from './routers/owner.ts';
import { profileRouter } from './routers/profile.ts';
import { receiptRouter } from './routers/receipt.ts';
import { reviewRouter } from './routers/review.ts';
import { revocationRouter } from './routers/revocation.ts';
import { searchRouter } from './routers/search.ts';
import { serverRouter } from './routers/server.ts';
import { signingKeyRouter } from './routers/signing-key.ts';
import { siteRouter } from './routers/site.ts';
import { workspaceRouter } from './routers/workspace.ts';
import { createCallerFactory, router } from './trpc.ts';

/** Every procedure of the console. One router per entity, one procedure per verb. */
export const appRouter = router({
  accessRequest: accessRequestRouter,
  adminAudit: adminAuditRouter,
  agent: agentRouter,
  clientKey: clientKeyRouter,
  discovery: discoveryRouter,
  entry: entryRouter,
  group: groupRouter,
  joinToken: joinTokenRouter,
  live: liveRouter,
  me: meRouter,
  member: memberRouter,
  overview: overviewRouter,
  owner: ownerRouter,
  profile: profileRouter,
  receipt: receiptRouter,
  review: reviewRouter,
  revocation: revocationRouter,
  search: searchRouter,
  server: serverRouter,
  signingKey: signingKeyRouter,
  site: siteRouter,
  workspace: workspaceRouter,
});
export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
