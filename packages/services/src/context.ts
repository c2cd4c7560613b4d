import type { Role } from '@gatehouse/db/client';

import type { Runtime } from './runtime.ts';

/** Who acts. A person by membership, an agent by its key, a system job by its name. */
export type Actor =
  | { kind: 'person'; userId: string; membershipId: string; role: Role }
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
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case 'person':
      return actor.membershipId;
    case 'agent':
      return actor.agentId;
    case 'system':
      return actor.job;
  }
}
