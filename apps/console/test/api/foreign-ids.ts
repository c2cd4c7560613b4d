import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { hashContent } from '@gatehouse/policy/documents/content-hash';

import type { Ids } from './world.ts';

/** What a procedure does with somebody else's id: refuses it as not found, or finds nothing that matches. */
type Case = { answer: 'not found' | 'nothing'; buildInputs: (own: Ids, given: Ids) => unknown[] };

const expectNotFound = (buildInputs: Case['buildInputs']): Case => ({ answer: 'not found', buildInputs });
const expectNothing = (buildInputs: Case['buildInputs']): Case => ({ answer: 'nothing', buildInputs });

const TEXT = '{"openapi":"3.1.0","info":{"title":"A","version":"1"},"paths":{"/a":{"get":{"responses":{}}}}}';
const DESCRIPTION = { source: { kind: 'file', gzip: gzipSync(TEXT).toString('base64') }, textHash: hashContent(TEXT) };

/** Takes no id of the tenant's: checked for showing nothing of another tenant instead. */
export const NO_IDS = 'takes no id';

/**
 * Every procedure of the API, with inputs that name things by the `given` ids. A new procedure is missing here and fails the test until
 * somebody has thought about it.
 */
export const CASES: Readonly<Record<string, Case | typeof NO_IDS>> = {
  'accessRequest.askable': NO_IDS,
  'accessRequest.list': expectNothing((_, { profile }) => [{ profileId: profile }]),
  'accessRequest.request': expectNotFound((_, { profile }) => [{ profileId: profile, reason: 'x', until: null }]),
  'accessRequest.withdraw': expectNotFound((_, { accessRequest }) => [{ requestId: accessRequest }]),
  'accessRequest.grant': expectNotFound((_, { accessRequest }) => [{ requestId: accessRequest, until: null }]),
  'accessRequest.refuse': expectNotFound((_, { accessRequest }) => [{ requestId: accessRequest, reason: 'x' }]),
  'accessRequest.grantMany': expectNothing((_, { accessRequest }) => [{ ids: [accessRequest] }]),
  'accessRequest.refuseMany': expectNothing((_, { accessRequest }) => [{ ids: [accessRequest], reason: 'x' }]),
  'adminAudit.filters': NO_IDS,
  'adminAudit.list': expectNothing((_, { server, member }) => [{ entityId: server }, { actorId: member }]),
  'agent.list': expectNothing((_, { site, server }) => [{ siteId: site }, { serverId: server }]),
  'agent.get': expectNotFound((_, { agent }) => [{ agentId: agent }]),
  'agent.revoke': expectNotFound((_, { agent }) => [{ agentId: agent }]),
  'agent.revokeMany': expectNothing((_, { agent }) => [{ ids: [agent] }]),
  'agent.labelMany': expectNothing((_, { agent }) => [{ ids: [agent], labels: { region: 'eu' } }]),
  'agent.update': expectNotFound((_, { agent }) => [{ agentId: agent, name: 'a', labels: {}, revision: 1 }]),
  'agent.archive': expectNotFound((_, { agent }) => [{ agentId: agent }]),
  'agent.restore': expectNotFound((_, { agent }) => [{ agentId: agent }]),
  'clientKey.create': expectNotFound((_, { profile }) => [{ profileId: profile, name: 'k' }]),
  'clientKey.list': expectNothing((_, { profile }) => [{ profileId: profile }]),
  'clientKey.revoke': expectNotFound((_, { clientKey }) => [{ keyId: clientKey }]),
  'clientKey.revokeMany': expectNothing((_, { clientKey }) => [{ ids: [clientKey] }]),
  'clientKey.revokeAll': expectNotFound((_, { member }) => [{ membershipId: member }]),
  'clientKey.endSessions': expectNotFound((_, { clientKey }) => [{ keyId: clientKey }]),
  'discovery.start': expectNotFound((own, given) => [
    { serverId: given.server, agentId: own.agent },
    { serverId: own.server, agentId: given.agent },
  ]),
  'discovery.get': expectNotFound((_, { discovery }) => [{ discoveryId: discovery }]),
  'group.list': expectNothing((_, { profile }) => [{ withoutProfileId: profile }]),
  'group.create': NO_IDS,
  'group.get': expectNotFound((_, { group }) => [{ groupId: group }]),
  'group.people': expectNotFound((_, { group }) => [{ groupId: group }]),
  'group.update': expectNotFound((_, { group }) => [{ groupId: group, name: 'G', description: '', revision: 1 }]),
  'group.delete': expectNotFound((_, { group }) => [{ groupId: group }]),
  'group.addMembers': expectNotFound((own, given) => [
    { groupId: given.group, membershipIds: [own.member] },
    { groupId: own.group, membershipIds: [given.member] },
  ]),
  'group.removeMembers': expectNotFound((own, given) => [
    { groupId: given.group, membershipIds: [own.member] },
    { groupId: own.group, membershipIds: [given.member] },
  ]),
  'group.giveProfile': expectNotFound((own, given) => [
    { groupId: given.group, profileId: own.profile },
    { groupId: own.group, profileId: given.profile },
  ]),
  'group.takeProfile': expectNotFound((own, given) => [
    { groupId: given.group, profileId: own.profile },
    { groupId: own.group, profileId: given.profile },
  ]),
  'joinToken.create': expectNotFound((_, { site }) => [{ siteId: site, agentName: 'a' }]),
  'joinToken.get': expectNotFound((_, { joinToken }) => [{ id: joinToken }]),
  'joinToken.list': expectNothing((_, { site }) => [{ siteId: site }]),
  'joinToken.revoke': expectNotFound((_, { joinToken }) => [{ id: joinToken }]),
  'joinToken.revokeMany': expectNothing((_, { joinToken }) => [{ ids: [joinToken] }]),
  'live.changes': NO_IDS,
  'me.get': NO_IDS,
  'entry.offers': expectNotFound((_, { profile }) => [{ profileId: profile, kinds: ['tool'] }]),
  'entry.choices': expectNotFound((own, given) => [
    { profileId: given.profile, serverId: own.server, kinds: ['tool'] },
    { profileId: own.profile, serverId: given.server, kinds: ['tool'] },
  ]),
  'entry.choice': expectNotFound((own, given) => [
    { profileId: given.profile, serverId: own.server, kind: 'tool', name: 'get_order' },
    { profileId: own.profile, serverId: given.server, kind: 'tool', name: 'get_order' },
  ]),
  'member.list': expectNothing((_, { profile }) => [{ withoutProfileId: profile }]),
  'member.listInvitations': NO_IDS,
  'member.invite': NO_IDS,
  'member.renewInvitation': expectNotFound((_, { invitation }) => [{ invitationId: invitation }]),
  'member.sendInvitation': NO_IDS,
  'member.resendInvitation': expectNotFound((_, { invitation }) => [{ invitationId: invitation }]),
  'member.sendReset': expectNotFound((_, { member }) => [{ membershipId: member }]),
  'member.withdrawInvitation': expectNotFound((_, { invitation }) => [{ invitationId: invitation }]),
  'member.createResetLink': expectNotFound((_, { member }) => [{ membershipId: member }]),
  'member.update': expectNotFound((_, { member }) => [{ membershipId: member, name: 'A', role: 'admin', revision: 1 }]),
  'member.signOut': expectNotFound((_, { member }) => [{ membershipId: member }]),
  'member.remove': expectNotFound((_, { member }) => [{ membershipId: member }]),
  'member.whatStops': expectNothing((_, { member }) => [{ ids: [member] }]),
  'member.removeMany': expectNothing((_, { member }) => [{ ids: [member] }]),
  'overview.get': NO_IDS,
  'overview.needs': NO_IDS,
  'owner.owned': NO_IDS,
  'owner.setOfProfile': expectNotFound((own, given) => [
    { profileId: given.profile, owner: null, isAskable: true, revision: 1 },
    { profileId: own.profile, owner: { kind: 'person', id: given.member }, isAskable: true, revision: 1 },
    { profileId: own.profile, owner: { kind: 'group', id: given.group }, isAskable: true, revision: 1 },
  ]),
  'owner.setApprovers': expectNotFound((own, given) => [
    { of: { kind: 'server', id: given.server }, approvers: [], revision: 1 },
    { of: { kind: 'profile', id: given.profile }, approvers: [], revision: 1 },
    { of: { kind: 'server', id: own.server }, approvers: [{ kind: 'person', id: given.member }], revision: 1 },
    { of: { kind: 'profile', id: own.profile }, approvers: [{ kind: 'group', id: given.group }], revision: 1 },
  ]),
  'owner.setOfServer': expectNotFound((own, given) => [
    { serverId: given.server, owner: null, revision: 1 },
    { serverId: own.server, owner: { kind: 'person', id: given.member }, revision: 1 },
    { serverId: own.server, owner: { kind: 'group', id: given.group }, revision: 1 },
  ]),
  'profile.create': expectNotFound((own, { site, profile }) => [
    { name: randomUUID(), siteIds: [site] },
    { name: randomUUID(), siteIds: [own.site], copyOf: profile },
  ]),
  'profile.list': expectNothing((_, { site }) => [{ siteId: site }]),
  'profile.get': expectNotFound((_, given) => [{ profileId: given.profile }, { slug: given.profileSlug }]),
  'profile.endpoints': expectNotFound((_, given) => [{ profileId: given.profile }, { slug: given.profileSlug }]),
  'profile.people': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.groups': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.update': expectNotFound((own, given) => [
    { profileId: given.profile, name: 'x', description: '', siteIds: [own.site], revision: 1 },
    { profileId: own.profile, name: 'x', description: '', siteIds: [own.site, given.site], revision: 1 },
  ]),
  'profile.saveDraft': expectNotFound((own, given) => [
    { profileId: given.profile, draft: { entries: [] } },
    { profileId: own.profile, draft: { entries: [{ kind: 'tool', serverId: given.server, name: 'get_order' }] } },
    { profileId: own.profile, draft: { entries: [{ kind: 'prompt', serverId: given.server, name: 'p' }] } },
    { profileId: own.profile, draft: { entries: [{ kind: 'resource', serverId: given.server, name: 'doc://p' }] } },
    { profileId: own.profile, draft: { entries: [{ kind: 'template', serverId: given.server, name: 'doc://{p}' }] } },
  ]),
  'profile.publish': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.rollout': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.grantAccess': expectNotFound((own, given) => [
    { profileId: given.profile, membershipId: own.member },
    { profileId: own.profile, membershipId: given.member },
  ]),
  'profile.revokeAccess': expectNotFound((own, given) => [
    { profileId: given.profile, membershipId: own.member },
    { profileId: own.profile, membershipId: given.member },
  ]),
  'profile.preview': expectNotFound((_, { profile }) => [{ profileId: profile, of: 'published' }]),
  'profile.disable': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.enable': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.versions': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.version': expectNotFound((_, { profile }) => [{ profileId: profile, version: 1 }]),
  'profile.previewRollBack': expectNotFound((_, { profile }) => [{ profileId: profile, version: 1 }]),
  'profile.rollBack': expectNotFound((_, { profile }) => [{ profileId: profile, version: 1, expected: 'a'.repeat(64) }]),
  'profile.startDraft': expectNotFound((_, { profile }) => [{ profileId: profile, version: 1, revision: 1 }]),
  'profile.publishRequests': expectNothing((_, { profile }) => [{ profileId: profile }]),
  'profile.publishRequest': expectNotFound((_, { publishRequest }) => [{ requestId: publishRequest }]),
  'profile.consentPublish': expectNotFound((_, { publishRequest }) => [
    { requestId: publishRequest, expected: 'a'.repeat(64), reason: 'x' },
  ]),
  'profile.requestPublish': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.sendBackRequest': expectNotFound((_, { publishRequest }) => [{ requestId: publishRequest, reason: 'x' }]),
  'profile.withdrawRequest': expectNotFound((_, { publishRequest }) => [{ requestId: publishRequest }]),
  'profile.end': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.archive': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.restore': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'profile.archiveMany': expectNothing((_, { profile }) => [{ ids: [profile] }]),
  'profile.restoreMany': expectNothing((_, { profile }) => [{ ids: [profile] }]),
  'profile.delete': expectNotFound((_, { profile }) => [{ profileId: profile }]),
  'receipt.list': expectNothing((_, given) => [
    { personId: given.member },
    { profileId: given.profile },
    { serverId: given.server },
  ]),
  'receipt.get': expectNotFound((_, { receipt }) => [{ id: receipt }]),
  'receipt.filters': NO_IDS,
  'review.list': expectNothing((_, { server }) => [{ serverId: server }]),
  'review.get': expectNotFound((_, { review }) => [{ reviewId: review }]),
  'review.consent': expectNotFound((_, { review }) => [{ reviewId: review }]),
  'review.takeBack': expectNotFound((_, { review }) => [{ reviewId: review, decisionId: review }]),
  'review.settleFinding': expectNotFound((_, { review }) => [
    { reviewId: review, kind: 'tool', name: 'get_order', findingId: '0'.repeat(64), state: 'acknowledged' },
  ]),
  'review.comment': expectNotFound((_, { review }) => [{ reviewId: review, text: 'Why?' }]),
  'review.confirm': expectNotFound((_, { review }) => [{ reviewId: review, proposedAt: new Date(0) }]),
  'review.decide': expectNotFound((_, { review }) => [
    { reviewId: review, again: true, decisions: [{ kind: 'tool', name: 'get_order', verdict: 'rejected', risk: 'read' }] },
  ]),
  'revocation.list': NO_IDS,
  'revocation.reach': NO_IDS,
  'server.create': expectNotFound((_, { site }) => [
    { name: randomUUID(), purpose: 'p', siteIds: [site], transport: { kind: 'http', url: 'https://x.example/mcp' } },
  ]),
  'search.objects': expectNothing((_, { server, receipt, member }) => [{ text: server }, { text: receipt }, { text: member }]),
  'server.list': expectNothing((_, { site, server }) => [{ siteId: site }, { ids: [server] }]),
  'server.revisions': expectNothing((_, { server }) => [{ serverId: server }]),
  'server.health': expectNotFound((_, given) => [{ serverId: given.server }, { slug: given.serverSlug }]),
  'server.get': expectNotFound((_, given) => [{ serverId: given.server }, { slug: given.serverSlug }]),
  'server.provenance': expectNotFound((_, { server, serverSlug, review }) => [
    { serverId: server },
    { slug: serverSlug },
    { reviewId: review },
  ]),
  'server.use': expectNotFound((_, { server }) => [{ serverId: server }]),
  'server.update': expectNotFound((_, { server, site }) => [
    {
      serverId: server,
      revision: 1,
      name: 'n',
      purpose: 'p',
      limits: {},
      siteIds: [site],
      transport: { kind: 'http', url: 'https://x.example/mcp' },
    },
  ]),
  'server.archive': expectNotFound((_, { server }) => [{ serverId: server }]),
  'server.restore': expectNotFound((_, { server }) => [{ serverId: server }]),
  'server.archiveMany': expectNothing((_, { server }) => [{ ids: [server] }]),
  'server.restoreMany': expectNothing((_, { server }) => [{ ids: [server] }]),
  'server.delete': expectNotFound((_, { server }) => [{ serverId: server, name: 'n' }]),
  'server.disable': expectNotFound((_, { server }) => [{ serverId: server }]),
  'server.enable': expectNotFound((_, { server }) => [{ serverId: server }]),
  'server.setLimits': expectNotFound((_, { server }) => [{ serverId: server, limits: {}, revision: 1 }]),
  'server.previewOpenapi': NO_IDS,
  'server.importOpenapi': expectNotFound((_, { server }) => [
    { serverId: server, source: DESCRIPTION.source, textHash: DESCRIPTION.textHash, operations: ['GET /a'] },
  ]),
  'signingKey.get': NO_IDS,
  'signingKey.rotate': NO_IDS,
  'site.list': NO_IDS,
  'site.create': NO_IDS,
  'site.get': expectNotFound((_, { siteSlug }) => [{ slug: siteSlug }]),
  'site.update': expectNotFound((_, { site }) => [{ siteId: site, name: 'S', endpointUrl: null, revision: 1 }]),
  'site.delete': expectNotFound((_, { site }) => [{ siteId: site }]),
  'workspace.get': NO_IDS,
  'workspace.update': NO_IDS,
  'workspace.requestDeletion': NO_IDS,
  'workspace.cancelDeletion': NO_IDS,
};
