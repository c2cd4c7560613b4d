import { randomUUID } from 'node:crypto';

import { type AnyProcedure, type AnyRouter, TRPCError } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createOperatorLink } from '@gatehouse/services/member/create-operator-link';

import { appRouter } from '../../src/server/api/root.ts';
import { CASES, NO_IDS } from './foreign-ids.ts';
import {
  accept,
  type Everything,
  type Ids,
  issueToken,
  makeCaller,
  makeTenantWithEverything,
  openWorld,
  type TestWorld,
} from './world.ts';

const ROLES = ['owner', 'admin', 'reviewer', 'auditor', 'builder', 'member'] as const;
type Role = (typeof ROLES)[number];

/** Who may call a procedure, one letter per role in the order of ROLES. A new procedure fails the test until somebody has thought about it. */
const MAY: Readonly<Record<string, string>> = {
  'accessRequest.askable': 'oarubm',
  'accessRequest.list': 'oarubm',
  'accessRequest.request': 'oarubm',
  'accessRequest.withdraw': 'oarubm',
  'accessRequest.grant': 'oarubm',
  'accessRequest.refuse': 'oarubm',
  'accessRequest.grantMany': 'oarubm',
  'accessRequest.refuseMany': 'oarubm',
  'adminAudit.filters': 'oa u  ',
  'adminAudit.list': 'oa u  ',
  'agent.list': 'oarub ',
  'agent.get': 'oarub ',
  'agent.revoke': 'oa    ',
  'agent.whatStops': 'oa    ',
  'agent.revokeMany': 'oa    ',
  'agent.labelMany': 'oa    ',
  'agent.update': 'oa    ',
  'agent.archive': 'oa    ',
  'agent.restore': 'oa    ',
  'clientKey.create': 'oarubm',
  'clientKey.list': 'oarubm',
  'clientKey.endSessions': 'oarubm',
  'clientKey.revoke': 'oarubm',
  'clientKey.whatStops': 'oarubm',
  'clientKey.revokeMany': 'oarubm',
  'clientKey.revokeAll': 'oarubm',
  'discovery.start': 'oa  b ',
  'discovery.get': 'oarub ',
  'entry.offers': 'oarub ',
  'entry.choices': 'oarub ',
  'entry.choice': 'oarub ',
  'group.list': 'oarub ',
  'group.create': 'oa    ',
  'group.get': 'oarub ',
  'group.people': 'oarub ',
  'group.update': 'oa    ',
  'group.whatStops': 'oa    ',
  'group.delete': 'oa    ',
  'group.addMembers': 'oa    ',
  'group.removeMembers': 'oa    ',
  'group.giveProfile': 'oa    ',
  'group.takeProfile': 'oa    ',
  'joinToken.create': 'oa    ',
  'joinToken.get': 'oa    ',
  'joinToken.list': 'oa    ',
  'joinToken.revoke': 'oa    ',
  'joinToken.revokeMany': 'oa    ',
  'live.changes': 'oarubm',
  'me.get': 'oarubm',
  'member.list': 'oarub ',
  'member.listInvitations': 'oarub ',
  'member.invite': 'oa    ',
  'member.renewInvitation': 'oa    ',
  'member.sendInvitation': 'oa    ',
  'member.resendInvitation': 'oa    ',
  'member.sendReset': 'oa    ',
  'member.withdrawInvitation': 'oa    ',
  'member.createResetLink': 'oa    ',
  'member.update': 'oa    ',
  'member.signOut': 'oa    ',
  'member.whatStops': 'oa    ',
  'member.remove': 'oa    ',
  'member.removeMany': 'oa    ',
  'overview.get': 'oarub ',
  'overview.needs': 'oarub ',
  'owner.owned': 'oarubm',
  'owner.setApprovers': 'oa    ',
  'owner.setOfProfile': 'oa    ',
  'owner.setOfServer': 'oa    ',
  'profile.create': 'oa  b ',
  'profile.list': 'oarubm',
  'profile.get': 'oarubm',
  'profile.endpoints': 'oarubm',
  'profile.people': 'oarub ',
  'profile.groups': 'oarub ',
  'profile.update': 'oa  b ',
  'profile.saveDraft': 'oa  b ',
  'profile.publish': 'oa    ',
  'profile.rollout': 'oarub ',
  'profile.grantAccess': 'oa    ',
  'profile.revokeAccess': 'oa    ',
  'profile.preview': 'oarub ',
  'profile.disable': 'oa    ',
  'profile.enable': 'oa    ',
  'profile.versions': 'oarub ',
  'profile.version': 'oarub ',
  'profile.previewRollBack': 'oa    ',
  'profile.rollBack': 'oa    ',
  'profile.startDraft': 'oa  b ',
  'profile.publishRequests': 'oarub ',
  'profile.publishRequest': 'oarubm',
  'profile.consentPublish': 'oarubm',
  'profile.requestPublish': 'oa  b ',
  'profile.sendBackRequest': 'oarubm',
  'profile.withdrawRequest': 'oa  b ',
  'profile.end': 'oa    ',
  'profile.archive': 'oa    ',
  'profile.restore': 'oa    ',
  'profile.whatStops': 'oa    ',
  'profile.archiveMany': 'oa    ',
  'profile.restoreMany': 'oa    ',
  'profile.delete': 'oa    ',
  'receipt.list': 'oarubm',
  'receipt.get': 'oarubm',
  'receipt.filters': 'oarubm',
  'review.list': 'oarub ',
  'review.get': 'oarubm',
  'review.confirm': 'oar   ',
  'review.consent': 'oarubm',
  'review.decide': 'oar   ',
  'review.takeBack': 'oar   ',
  'review.settleFinding': 'oar   ',
  'review.comment': 'oarubm',
  'revocation.list': 'oaru  ',
  'revocation.reach': 'oaru  ',
  'server.create': 'oa  b ',
  'search.objects': 'oarubm',
  'server.list': 'oarub ',
  'server.get': 'oarub ',
  'server.health': 'oarub ',
  'server.revisions': 'oarub ',
  'server.provenance': 'oarubm',
  'server.use': 'oa    ',
  'server.update': 'oa    ',
  'server.archive': 'oa    ',
  'server.restore': 'oa    ',
  'server.whatStops': 'oa    ',
  'server.archiveMany': 'oa    ',
  'server.restoreMany': 'oa    ',
  'server.delete': 'oa    ',
  'server.disable': 'oa    ',
  'server.enable': 'oa    ',
  'server.setLimits': 'oa    ',
  'server.previewOpenapi': 'oa  b ',
  'server.importOpenapi': 'oa  b ',
  'signingKey.get': 'oa u  ',
  'signingKey.rotate': 'o     ',
  'site.list': 'oarub ',
  'site.get': 'oarub ',
  'site.create': 'oa    ',
  'site.update': 'oa    ',
  'site.whatStops': 'oa    ',
  'site.delete': 'oa    ',
  'workspace.get': 'oarub ',
  'workspace.update': 'oa    ',
  'workspace.requestDeletion': 'o     ',
  'workspace.cancelDeletion': 'o     ',
};

const listWhoMayNot = (path: string): Role[] => ROLES.filter((_, index) => MAY[path]?.[index] === ' ');

let world: TestWorld;
let tenant: Everything;
const tokens = new Map<Role, { sid: string; uid: string }>();
beforeAll(async () => {
  world = await openWorld();
  tenant = await makeTenantWithEverything(world.fixtures);
  const { slug: tenantSlug } = tenant;
  for (const role of ROLES) {
    const email = `${role}-by-role@${tenantSlug}.example`;
    const { token } = await createOperatorLink({ runtime: world.fixtures, input: { tenantSlug, email, role } });
    await accept(world.fixtures, token, `The ${role}`);
    tokens.set(role, await issueToken(world.fixtures, email, tenantSlug));
  }
});
afterAll(() => world.close());

/** Ids that nobody has, in the form of real ones. */
const makeUnknown = (): Ids => ({
  site: randomUUID(),
  siteSlug: 'no-such-site',
  agent: randomUUID(),
  joinToken: randomUUID(),
  member: randomUUID(),
  group: randomUUID(),
  accessRequest: randomUUID(),
  invitation: randomUUID(),
  server: randomUUID(),
  serverSlug: 'no-such-server',
  discovery: randomUUID(),
  review: randomUUID(),
  profile: randomUUID(),
  profileSlug: 'no-such-profile',
  publishRequest: randomUUID(),
  clientKey: randomUUID(),
  receipt: randomUUID(),
  session: randomUUID(),
});

const BAD: readonly unknown[] = [undefined, null, 7, {}, { unknown: 'a\0b' }];

function listIdInputs(path: string, given: Ids): unknown[] {
  const entry = CASES[path];
  return entry === undefined || entry === NO_IDS ? [] : entry.buildInputs(tenant.ids, given);
}

/** What calls of one procedure by one person say, each in a line. */
function openProcedure(role: Role, path: string): (input: unknown) => Promise<string> {
  const [router = '', procedure = ''] = path.split('.');
  const caller = makeCaller(world.runtime, tenant.slug, tokens.get(role) ?? null) as unknown as Record<
    string,
    Record<string, (given: unknown) => Promise<unknown>>
  >;
  const call = caller[router]?.[procedure];
  if (!call) throw new Error(`No procedure ${path}`);
  return async (input) => {
    try {
      await call(input);
      return 'done';
    } catch (error) {
      if (!(error instanceof TRPCError)) throw error;
      return `${error.code} ${error.message}`;
    }
  };
}

test('T-35: every procedure says which roles may call it', () => {
  const router: AnyRouter = appRouter;
  expect(Object.keys(MAY).toSorted()).toEqual(Object.keys(router._def.procedures).toSorted());
});

describe('T-35: whoever may not act hears that and nothing else, whatever was sent and whatever there is, from', () => {
  const closed = Object.keys(MAY).filter((path) => listWhoMayNot(path).length > 0);
  test.each(closed)('%s', async (path) => {
    const inputs = [...BAD, ...listIdInputs(path, tenant.ids), ...listIdInputs(path, makeUnknown())];
    for (const role of listWhoMayNot(path)) {
      const ask = openProcedure(role, path);
      const answers = new Set<string>();
      for (const input of inputs) answers.add(await ask(input));
      expect([...answers]).toEqual([expect.stringMatching(new RegExp(`^FORBIDDEN Your role is ${role}\\. `))]);
    }
  });
});

describe('T-35: whoever may act is told what is wrong with the input by', () => {
  const open = Object.entries<AnyProcedure>((appRouter as AnyRouter)._def.procedures).filter(
    ([, { _def }]) => _def.inputs.length > 0,
  );
  test.each(open.map(([path]) => path))('%s', async (path) => {
    const [first] = ROLES.filter((_, index) => MAY[path]?.[index] !== ' ');
    if (!first) throw new Error('nobody may');
    expect(await openProcedure(first, path)(7)).toMatch(/^BAD_REQUEST Check the input\. /);
  });
});

/** A published profile can be asked for by everybody; one that cannot answers as unknown, as `access-requests.int` of the services shows. */
const TELLS = new Set(['accessRequest.request']);

describe('T-35: what is open to everybody tells nobody which ids there are that are not the own:', () => {
  const open = Object.keys(MAY).filter((path) => listWhoMayNot(path).length === 0 && CASES[path] !== NO_IDS && !TELLS.has(path));
  test.each(open)('%s', async (path) => {
    const [real, unknown] = [listIdInputs(path, tenant.ids), listIdInputs(path, makeUnknown())];
    const ask = openProcedure('member', path);
    for (const [index, input] of real.entries()) expect(await ask(input)).toBe(await ask(unknown[index]));
  });
});
