import type { Logger } from 'pino';

import { buildRejection } from '@gatehouse/protocol/codec';
import type { LinkErrorCode, Welcome } from '@gatehouse/protocol/messages';
import type { RevocationsPush } from '@gatehouse/protocol/revocations';

import type { Shipper } from '../audit/shipper.ts';
import type { ConfigApplier } from '../config/apply.ts';
import type { CurrentConfig } from '../config/current.ts';
import type { RevocationLog } from '../revocations/revocation-log.ts';
import { writeStanding, type Standing } from '../state/standing.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { DiscoveryTasks } from './discovery-tasks.ts';
import type { HubLink, LinkEvents, ReadyMessage } from './hub-link.ts';

export interface HubEventsOptions {
  dir: StateDir;
  current: CurrentConfig;
  applier: ConfigApplier;
  revocations: RevocationLog;
  shipper: Shipper;
  discoveries: DiscoveryTasks;
  log: Logger;
}

/** Brings what happens on the link to the part of the agent that it concerns. */
export class HubEvents implements LinkEvents {
  readonly #options: HubEventsOptions;
  /** what is left to be handed back to a hub whose log lacks entries of this agent's */
  #handBack: ReturnType<RevocationLog['listPages']> | null = null;

  constructor(options: HubEventsOptions) {
    this.#options = options;
  }

  async onWelcome({ streams }: Welcome, link: HubLink): Promise<void> {
    const { applier, revocations, shipper } = this.#options;
    await this.#setStanding('good');
    // first, so that what was revoked counts before a configuration that may not know of it
    if (link.canUse('revocations')) link.send(revocations.getStatus());
    link.send(applier.getStatus());
    shipper.onConnected(streams, link);
  }

  /** A push is answered before the next message is read. */
  async onMessage(message: ReadyMessage, link: HubLink): Promise<void> {
    const { applier, shipper, discoveries, log } = this.#options;
    switch (message.type) {
      case 'config-push':
        link.send(await applier.apply(message));
        return;
      case 'manifest-push':
      case 'part':
        link.send(buildRejection(message.type, 'unexpected', 'This agent reads whole configurations only.'));
        return;
      case 'revocations':
        return this.#takeRevocations(message, link);
      case 'discovery-request':
        return discoveries.start(message, link);
      case 'audit-ack':
        return shipper.onAcknowledged(message);
      case 'heartbeat-ack':
        return;
      case 'rejected':
        log.warn({ of: message.of, code: message.code, reason: message.message }, 'the hub refused a message');
        if (message.of === 'audit-batch') shipper.onRejected(message.code);
    }
  }

  /** What could not be stored is tried again with every heartbeat. */
  onBeat(link: HubLink): void {
    const { applier, revocations, log } = this.#options;
    void revocations.save();
    applier.retry().then(
      (status) => status && link.send(status),
      (error: unknown) => log.error({ err: error }, 'a stored configuration could not be tried again'),
    );
  }

  onDisconnected(): void {
    this.#handBack?.return(undefined);
    this.#handBack = null;
    this.#options.shipper.onDisconnected();
  }

  onRefused(code: LinkErrorCode): Promise<void> {
    return this.#setStanding(code === 'revoked' ? 'revoked' : 'quarantined');
  }

  /** Answers with what the log holds now, and hands back what the hub's head does not cover: one page for each message, all of it once. */
  async #takeRevocations(message: RevocationsPush, link: HubLink): Promise<void> {
    const { revocations } = this.#options;
    const { isAhead } = await revocations.take(message);
    link.send(revocations.getStatus());
    if (!isAhead) return;
    const page = (this.#handBack ??= revocations.listPages()).next();
    if (!page.done) link.send({ type: 'revocations-back', entries: page.value });
  }

  async #setStanding(standing: Standing): Promise<void> {
    const { dir, current, log } = this.#options;
    if (standing === current.getStanding()) return;
    current.setStanding(standing);
    log.warn({ standing }, standing === 'good' ? 'this agent may serve again' : 'this agent may not serve any more');
    await writeStanding(dir, standing).catch((error: unknown) => log.error({ err: error }, 'the standing could not be stored'));
  }
}
