import { addAbortListener } from 'node:events';
import { isDeepStrictEqual } from 'node:util';

import { TRPCError } from '@trpc/server';

import { checkSession } from '@gatehouse/services/auth/check-session';
import { openContext } from '@gatehouse/services/auth/open-context';
import { isPermitted, type Permission } from '@gatehouse/services/authz';
import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError } from '@gatehouse/services/errors';
import { MANY, type Signal, type SignalKind } from '@gatehouse/services/signals/signals';

import { CONSOLE_LIMITS } from '../../limits.ts';
import { inTenant, router } from '../trpc.ts';

/** What a role must hold to be told that something of this kind changed; null: everybody in the tenant. */
const TOLD = {
  tenant: null,
  site: 'site.read',
  agent: 'agent.read',
  join_token: 'agent.manage',
  server: 'server.read',
  discovery: 'server.read',
  review: 'review.read',
  profile: null,
  client_key: null,
  member: null,
  group: 'group.read',
  // whoever asked is told of the answer
  access_request: null,
  receipt: null,
  revocation: 'overview.read',
} as const satisfies Record<SignalKind, Permission | null>;

/** A hint that something of this kind changed. `id` is MANY when several did, or when the role may know no more. */
export interface Change {
  kind: SignalKind;
  id: string;
}

function toChange(service: ServiceContext, signal: Signal): Change | null {
  const needed = TOLD[signal.kind];
  if (needed !== null && !isPermitted(service.actor, needed)) return null;
  const whole = isPermitted(service.actor, 'overview.read');
  return { kind: signal.kind, id: whole ? signal.id : MANY };
}

function isAboutOwnMembership(service: ServiceContext, signal: Signal): boolean {
  if (signal.kind !== 'member' || service.actor.kind !== 'person') return false;
  return signal.id === MANY || signal.id === service.actor.membershipId;
}

/** Changes that nobody has read yet, at most one per kind, so a slow reader costs no memory. */
class ChangeQueue {
  readonly #pending = new Map<SignalKind, Change>();
  readonly #until: AbortSignal;
  readonly #listening: Disposable;
  #wake: () => void = () => undefined;

  constructor(until: AbortSignal) {
    this.#until = until;
    this.#listening = addAbortListener(until, () => this.#wake());
  }

  push(change: Change): void {
    const before = this.#pending.get(change.kind);
    this.#pending.set(change.kind, before && before.id !== change.id ? { kind: change.kind, id: MANY } : change);
    this.#wake();
  }

  /** Waits for the next changes; rejects with an AbortError at the end. */
  async take(): Promise<Change[]> {
    this.#until.throwIfAborted();
    if (this.#pending.size === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#until.throwIfAborted();
    const changes = [...this.#pending.values()];
    this.#pending.clear();
    return changes;
  }

  close(): void {
    this.#listening[Symbol.dispose]();
  }
}

const streams = new Map<string, number>();

/** Takes a place for one more stream of a session; returns what gives it back. Throws when the session has all that it may. */
function takeStream(sessionId: string): () => void {
  const open = streams.get(sessionId) ?? 0;
  if (open >= CONSOLE_LIMITS.streamsPerSession) {
    throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'Too many pages of this console are open. Close some of them.' });
  }
  streams.set(sessionId, open + 1);
  return () => {
    const left = (streams.get(sessionId) ?? 1) - 1;
    if (left === 0) streams.delete(sessionId);
    else streams.set(sessionId, left);
  };
}

/**
 * Asked at every change: who was removed, signed out, or has another role or grant by now is told nothing more, also where the hint of that was lost and the session is
 * good for another workspace still.
 */
async function isStillOpen(
  service: ServiceContext,
  { sessionId, userId }: { sessionId: string; userId: string },
): Promise<boolean> {
  const { runtime, tenantSlug, requestId } = service;
  if (!(await checkSession({ runtime, input: { sessionId, userId } }))) return false;
  try {
    const { actor } = await openContext({ runtime, input: { userId, sessionId, tenantSlug, requestId } });
    return isDeepStrictEqual(actor, service.actor);
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

export const liveRouter = router({
  /**
   * Yields hints to read again, of this tenant and of what the role may see. Ending by abort makes the browser connect again, which proves
   * session and membership anew: when the process stops, when the session ended, when the person's own membership changed.
   */
  changes: inTenant.subscription(async function* ({ ctx, signal }) {
    const { service } = ctx;
    const giveBack = takeStream(ctx.user.sessionId);
    const restart = new AbortController();
    const until = AbortSignal.any([restart.signal, ctx.stopping, ...(signal ? [signal] : [])]);
    const queue = new ChangeQueue(until);
    const unsubscribe = service.runtime.signals.subscribe({ tenantId: service.tenantId }, (heard) => {
      if (isAboutOwnMembership(service, heard)) restart.abort();
      const change = toChange(service, heard);
      if (change) queue.push(change);
    });
    try {
      for (;;) {
        const changes = await queue.take();
        if (!(await isStillOpen(service, ctx.user))) restart.abort();
        until.throwIfAborted();
        yield* changes;
      }
    } finally {
      unsubscribe();
      queue.close();
      giveBack();
    }
  }),
});
