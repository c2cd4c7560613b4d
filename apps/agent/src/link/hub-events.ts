import type { Logger } from 'pino';

import { buildRejection } from '@gatehouse/protocol/codec';
import type { LinkErrorCode, Welcome } from '@gatehouse/protocol/messages';

import type { Shipper } from '../audit/shipper.ts';
import type { ConfigApplier } from '../config/apply.ts';
import type { CurrentConfig } from '../config/current.ts';
import { writeStanding, type Standing } from '../state/standing.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { DiscoveryTasks } from './discovery-tasks.ts';
import type { HubLink, LinkEvents, ReadyMessage } from './hub-link.ts';

export interface HubEventsOptions {
  dir: StateDir;
  current: CurrentConfig;
  applier: ConfigApplier;
  shipper: Shipper;
  discoveries: DiscoveryTasks;
  log: Logger;
}

/** Brings what happens on the link to the part of the agent that it concerns. */
export class HubEvents implements LinkEvents {
  readonly #options: HubEventsOptions;

  constructor(options: HubEventsOptions) {
    this.#options = options;
  }

  async onWelcome({ streams }: Welcome, link: HubLink): Promise<void> {
    const { applier, shipper } = this.#options;
    await this.#setStanding('good');
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

  /** A configuration that could not be stored is tried again with every heartbeat. */
  onBeat(link: HubLink): void {
    const { applier, log } = this.#options;
    applier.retry().then(
      (status) => status && link.send(status),
      (error: unknown) => log.error({ err: error }, 'a stored configuration could not be tried again'),
    );
  }

  onDisconnected(): void {
    this.#options.shipper.onDisconnected();
  }

  onRefused(code: LinkErrorCode): Promise<void> {
    return this.#setStanding(code === 'revoked' ? 'revoked' : 'quarantined');
  }

  async #setStanding(standing: Standing): Promise<void> {
    const { dir, current, log } = this.#options;
    if (standing === current.getStanding()) return;
    current.setStanding(standing);
    log.warn({ standing }, standing === 'good' ? 'this agent may serve again' : 'this agent may not serve any more');
    await writeStanding(dir, standing).catch((error: unknown) => log.error({ err: error }, 'the standing could not be stored'));
  }
}
