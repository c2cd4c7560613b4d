import type { QueryFilters } from '@tanstack/react-query';

import type { Change } from '../server/api/routers/live.ts';
import type { useTRPC } from './client.tsx';

export type ChangeKind = Change['kind'];
type Trpc = ReturnType<typeof useTRPC>;

/** A router or one of its queries. */
interface Queries {
  pathFilter: () => QueryFilters;
}

/**
 * The queries that show something of each kind. Agents report every few seconds, so what they report is shown by the short lists; the
 * queries for which definitions are read (`server.get`, all of `entry`, `profile.get`, `profile.preview`, `review.get`) are not among them.
 */
const SHOWN_BY: Record<ChangeKind, (trpc: Trpc) => readonly Queries[]> = {
  tenant: ({ me, workspace, agent, overview }) => [me, workspace, agent, overview],
  site: ({ site, agent, profile }) => [site, agent, profile.list, profile.endpoints, profile.rollout],
  agent: ({ agent, joinToken, overview, profile, revocation, server, signingKey }) => [
    agent,
    joinToken,
    overview,
    profile.list,
    profile.endpoints,
    profile.rollout,
    revocation,
    server.list,
    server.health,
    signingKey,
  ],
  join_token: ({ joinToken, agent, overview }) => [joinToken, agent, overview],
  server: ({ server, entry, profile, overview, review }) => [server, entry, profile, overview, review],
  discovery: ({ discovery, server }) => [discovery, server.list],
  review: ({ review, server, entry, overview, profile }) => [review, server, entry, overview, profile],
  profile: ({ accessRequest, profile, entry, group, overview, owner, server }) => [
    accessRequest,
    profile,
    entry,
    group,
    overview,
    owner,
    server,
  ],
  client_key: ({ clientKey, overview }) => [clientKey, overview.needs],
  member: ({ member, group, me, overview }) => [member, group, me, overview.needs],
  access_request: ({ accessRequest, overview }) => [accessRequest, overview.needs],
  group: ({ accessRequest, group, overview, profile, review, server }) => [
    accessRequest,
    group,
    overview.needs,
    profile.list,
    profile.get,
    review,
    server.get,
  ],
  // every call of the workspace is one of these
  receipt: ({ receipt, overview }) => [receipt, overview.get],
  revocation: ({ revocation, clientKey, agent, server, profile, signingKey, overview }) => [
    revocation,
    clientKey,
    agent,
    server.list,
    profile.list,
    signingKey,
    overview.needs,
  ],
};

/** One filter per query to read again after changes of these kinds. */
export function listShownQueries(trpc: Trpc, kinds: Iterable<ChangeKind>): QueryFilters[] {
  return [...kinds].flatMap((kind) => SHOWN_BY[kind](trpc).map((queries) => queries.pathFilter()));
}

/** Whether this is a kind of change, as this release knows them. */
export const isChangeKind = (kind: string): kind is ChangeKind => Object.hasOwn(SHOWN_BY, kind);
