import type { Actor, ServiceContext } from '../context.ts';
import { ServiceError } from '../errors.ts';

/** The agent that acts. Throws `not_permitted` for anybody else. */
export function agentActor({ actor }: Pick<ServiceContext, 'actor'>): Extract<Actor, { kind: 'agent' }> {
  if (actor.kind === 'agent') return actor;
  throw new ServiceError('not_permitted', 'Only an agent can do this.');
}
