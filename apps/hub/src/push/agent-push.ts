import { randomBytes } from 'node:crypto';

import type { Logger } from 'pino';

import { drawDelay } from '@gatehouse/process/backoff';
import { buildRejection } from '@gatehouse/protocol/codec';
import type { Feature } from '@gatehouse/protocol/features';
import type { KeysetStatus } from '@gatehouse/protocol/keyset';
import type { ConfigPush, ConfigStatus, HubMessage, Rejected } from '@gatehouse/protocol/messages';
import type { ManifestPush, PartRequest } from '@gatehouse/protocol/parts';
import type { RevocationsBack, RevocationsStatus } from '@gatehouse/protocol/revocations';
import { checkStanding } from '@gatehouse/services/agent/check-standing';
import { recordConfigStatus } from '@gatehouse/services/agent/record-config-status';
import type { ServiceContext } from '@gatehouse/services/context';
import { listPendingDiscoveries } from '@gatehouse/services/discovery/list-pending-discoveries';
import { forwardRevocations } from '@gatehouse/services/revocation/forward-revocations';
import { recordRevocationsStatus } from '@gatehouse/services/revocation/record-revocations-status';
import { MANY, type Signal } from '@gatehouse/services/signals/signals';
import { getDesiredConfig, getDesiredManifest } from '@gatehouse/services/snapshot/get-desired-config';

import { ConfigState } from './config-state.ts';
import { KeysetPush } from './keyset-push.ts';
import { ALL_CONCERNS, createLoop, type Concern, type Loop } from './loop.ts';
import { PartSender } from './part-sender.ts';
import { RevocationPush } from './revocation-push.ts';

/** The agent that is pushed to, at the other end of its connection. */
export interface Peer {
  readonly ctx: ServiceContext;
  readonly agentId: string;
  readonly siteId: string;
  readonly epoch: number;
  readonly features: ReadonlySet<Feature>;
  readonly log: Logger;
  /** false once nothing may be sent any more */
  readonly isServed: boolean;
  /** true while earlier messages are still waiting to leave */
  readonly isBackedUp: boolean;
  send(message: HubMessage): void;
  /** settles when the network has taken the message */
  sendAndWait(message: HubMessage): Promise<void>;
  /** tells what became of a message whose handling failed later */
  sendFailure(of: string, error: unknown): void;
  shutOut(state: 'revoked' | 'quarantined'): void;
  retire(): void;
}

export interface PushLimits {
  /** pause between two looks at Postgres without a signal, milliseconds, give or take a quarter */
  reconcileMs: number;
  /** unanswered for so long, a push is made again, milliseconds */
  pushAnswerMs: number;
}

export const PUSH_LIMITS: PushLimits = { reconcileMs: 60_000, pushAnswerMs: 60_000 };

/**
 * Brings one connected agent to what Postgres says it should be: shut out, replaced, on the newest configuration, asked for discoveries.
 * It looks when the agent speaks, on a signal and on a timer, so that a lost signal is made good.
 */
export class AgentPush {
  readonly #peer: Peer;
  readonly #limits: PushLimits;
  readonly #config = new ConfigState();
  readonly #parts: PartSender;
  readonly #keyset: KeysetPush;
  readonly #revocations: RevocationPush;
  /** ids of the discovery orders that were sent on this connection */
  readonly #ordered = new Set<string>();
  readonly #loop: Loop;
  #nextLook: NodeJS.Timeout | null = null;

  constructor(peer: Peer, limits: PushLimits) {
    this.#peer = peer;
    this.#limits = limits;
    this.#parts = new PartSender(peer, (nonce) => this.#config.recordProgress(nonce, Date.now()) !== null);
    this.#keyset = new KeysetPush(peer);
    this.#revocations = new RevocationPush(peer, this.#keyset, limits.pushAnswerMs);
    this.#loop = createLoop(
      (due) => this.#reconcile(due),
      (error) => peer.log.error({ err: error }, 'agent could not be reconciled; the timer tries again'),
    );
    this.#armTimer();
  }

  /** Takes in what changed in the agent's tenant and looks at what that may mean for the agent. */
  handleSignal({ kind, id }: Signal): void {
    const isNamed = (ownId: string) => id === MANY || id === ownId;
    switch (kind) {
      case 'agent':
        if (isNamed(this.#peer.agentId)) this.#loop.wake(['standing']);
        return;
      case 'site':
        if (isNamed(this.#peer.siteId)) this.#loop.wake(['config']);
        return;
      case 'revocation':
        return this.#loop.wake(['revocations']);
      case 'discovery':
        return this.#loop.wake(['discovery']);
      case 'tenant':
      case 'join_token':
      case 'server':
      case 'review':
      case 'profile':
      case 'client_key':
      case 'member':
      case 'group':
      case 'access_request':
      case 'receipt':
        return;
    }
  }

  /**
   * Takes in what the agent serves or refuses, then looks for something newer. Its word is taken for what to push even when Postgres does
   * not know the version (a control plane restored from a backup): only something newer than that is of use to it.
   */
  async recordStatus(message: ConfigStatus): Promise<void> {
    const { type: _, nonce, ...input } = message;
    const isFirst = !this.#config.isKnown;
    this.#config.recordStatus(message);
    this.#loop.wake(isFirst ? ALL_CONCERNS : ['config']);
    const { ctx, log } = this.#peer;
    await recordConfigStatus({ ctx, input });
    log.info({ version: input.appliedVersion, rejected: input.rejectedVersion, answer: nonce !== null }, 'configuration status');
  }

  /** Sends parts of the manifest that was pushed. Returns what the agent is refused. */
  sendParts(request: PartRequest): Rejected | null {
    const { type } = request;
    if (!this.#peer.features.has('parts'))
      return buildRejection(type, 'unexpected', 'This connection does not have the feature "parts".');
    const version = this.#config.recordProgress(request.nonce, Date.now());
    if (version === null) return buildRejection(type, 'foreign_id', 'No push of this nonce is open. Answer the newest one.');
    if (this.#parts.request(request, version)) return null;
    return buildRejection(type, 'unavailable', 'Too many parts are asked for at once. Ask again when some have come.');
  }

  /** Takes in which keyset the agent holds, then sends a newer one, and after that what may have waited for it. */
  async recordKeyset(message: KeysetStatus): Promise<void> {
    await this.#keyset.recordStatus(message);
    this.#loop.wake(ALL_CONCERNS);
  }

  /** Takes in what the agent's revocation log holds, then sends what it lacks, and after that what may have waited for it. */
  async recordRevocations(message: RevocationsStatus): Promise<void> {
    const { type: _, ...input } = message;
    this.#revocations.recordStatus(message);
    this.#loop.wake(['revocations', 'config']);
    await recordRevocationsStatus({ ctx: this.#peer.ctx, input });
  }

  /** Takes in entries that the tenant's log lacks, as after a restore; the agent is told when to send more. */
  async forwardRevocations({ entries }: RevocationsBack): Promise<void> {
    const { ctx, log } = this.#peer;
    const count = await forwardRevocations({ ctx, input: { entries } });
    if (count > 0) log.warn({ count }, 'an agent has revocations that this control plane lacks; they are taken over');
    this.#revocations.recordHandOver();
    this.#loop.wake(['revocations']);
  }

  /** The agent could not read the last push. */
  recordUnreadable(): void {
    this.#config.recordUnreadable();
  }

  /** Looks no more on the timer; settles when nothing runs. */
  async stop(): Promise<void> {
    if (this.#nextLook) clearTimeout(this.#nextLook);
    await this.#loop.waitUntilIdle();
    await this.#parts.waitUntilIdle();
  }

  async #reconcile(due: ReadonlySet<Concern>): Promise<void> {
    if (!this.#peer.isServed) return;
    if (due.has('standing') && !(await this.#isToBeServed())) return;
    if (due.has('keyset')) await this.#keyset.push();
    if (due.has('revocations')) await this.#revocations.push();
    if (due.has('config')) await this.#pushConfig();
    if (due.has('discovery')) await this.#pushDiscoveries();
  }

  async #isToBeServed(): Promise<boolean> {
    const { state, epoch } = await checkStanding({ ctx: this.#peer.ctx });
    if (state !== 'active') {
      this.#peer.shutOut(state);
      return false;
    }
    if (epoch <= this.#peer.epoch) return true;
    this.#peer.retire();
    return false;
  }

  /** The newest only, and one at a time: what came in between is skipped. */
  async #pushConfig(): Promise<void> {
    const floor = this.#config.getFloor(Date.now(), this.#limits.pushAnswerMs);
    if (floor === null || this.#peer.isBackedUp || !this.#revocations.isSettled) return;
    const desired = { ctx: this.#peer.ctx, input: { newerThan: floor } };
    const nonce = randomBytes(18).toString('base64url');
    if (this.#peer.features.has('parts')) {
      const newest = await getDesiredManifest(desired);
      if (newest && (await this.#keyset.covers(newest.manifest))) this.#push({ type: 'manifest-push', nonce, ...newest });
    } else {
      const newest = await getDesiredConfig(desired);
      if (newest && (await this.#keyset.covers(newest.envelope))) this.#push({ type: 'config-push', nonce, ...newest });
    }
  }

  #push(message: ConfigPush | ManifestPush): void {
    if (!this.#peer.isServed) return;
    this.#config.recordPush(message, Date.now());
    this.#peer.send(message);
  }

  /** Each order once per connection; an agent knows those that it has seen before. */
  async #pushDiscoveries(): Promise<void> {
    if (!this.#config.isKnown) return;
    for (const order of await listPendingDiscoveries({ ctx: this.#peer.ctx })) {
      if (!this.#peer.isServed || this.#ordered.has(order.discoveryId) || !(await this.#keyset.covers(order.envelope))) continue;
      this.#ordered.add(order.discoveryId);
      this.#peer.send({ type: 'discovery-request', ...order });
    }
  }

  #armTimer(): void {
    const { reconcileMs } = this.#limits;
    this.#nextLook = setTimeout(
      () => {
        this.#loop.wake(ALL_CONCERNS);
        this.#armTimer();
      },
      drawDelay(reconcileMs * 0.75, reconcileMs * 1.25),
    );
  }
}
