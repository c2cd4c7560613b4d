import { randomUUID } from 'node:crypto';

import type { Role } from '@gatehouse/db/client';

import { ServiceError } from './errors.ts';
import type { Runtime } from './runtime.ts';

/** Who acts. A person by membership, an agent by its key, a system job by its name. */
export type Actor =
  | {
      kind: 'person';
      userId: string;
      membershipId: string;
      role: Role;
      /** the member was given to read values of other people's calls; left out: not */
      readsValues?: boolean;
    }
  | { kind: 'agent'; agentId: string; siteId: string }
  | { kind: 'system'; job: string };

/** What every verb inside a tenant is given. */
export interface ServiceContext {
  runtime: Runtime;
  tenantId: string;
  tenantSlug: string;
  actor: Actor;
  requestId: string;
}

/** Membership id, agent id, or name of the job: what the audit row names. */
export function getActorId(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return actor.membershipId;
    case 'agent':
      return actor.agentId;
    case 'system':
      return actor.job;
  }
}

/** The context of an agent or a system actor, inside a tenant that was found by a presented key or by a job. */
export function createContext(runtime: Runtime, tenant: { id: string; slug: string }, actor: Actor): ServiceContext {
  return { runtime, tenantId: tenant.id, tenantSlug: tenant.slug, actor, requestId: randomUUID() };
}

/** The agent that acts. Throws `not_permitted` for anybody else. */
export function requireAgent({ actor }: Pick<ServiceContext, 'actor'>): Extract<Actor, { kind: 'agent' }> {
  if (actor.kind === 'agent') return actor;
  throw new ServiceError('not_permitted', 'Only an agent can do this.');
}
