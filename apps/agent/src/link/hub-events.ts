import type { Logger } from 'pino';

import { buildRejection } from '@gatehouse/protocol/codec';
import type { ConfigStatus, LinkErrorCode, Rejected, Welcome } from '@gatehouse/protocol/messages';
import type { RevocationsPush } from '@gatehouse/protocol/revocations';

import type { Shipper } from '../audit/shipper.ts';
import type { ConfigApplier } from '../config/apply.ts';
import type { CurrentConfig, Withheld } from '../config/current.ts';
import type { Keyring } from '../config/keyring.ts';
import type { RevocationLog } from '../revocations/revocation-log.ts';
import { writeStanding, type Standing } from '../state/standing.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { DefinitionWatch } from './definition-watch.ts';
import type { DiscoveryTasks } from './discovery-tasks.ts';
import type { HubLink, LinkEvents, ReadyMessage } from './hub-link.ts';

export interface HubEventsOptions {
  dir: StateDir;
  current: CurrentConfig;
  keyring: Keyring;
  applier: ConfigApplier;
  revocations: RevocationLog;
  shipper: Shipper;
  discoveries: DiscoveryTasks;
  watch: DefinitionWatch;
  /** what is not served of the configuration, by id; `onChange` is called after every change of it, and returns the unsubscriber */
  withheld: { list(): ReadonlyMap<string, Withheld>; onChange(listener: () => void): () => void };
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
    const { applier, keyring, revocations, shipper, watch } = this.#options;
    await this.#setStanding('good');
    // in this order: whose signatures count, then what was revoked, before a configuration that may not know of it
    if (link.canUse('keyset')) link.send(keyring.getStatus());
    if (link.canUse('revocations')) link.send(revocations.getStatus());
    const manifest = link.canUse('manifest-back') ? applier.getNewestManifest() : null;
    this.#report({ ...applier.getStatus(), ...(manifest && { manifest }) }, link);
    shipper.onConnected(streams, link);
    watch.connect(link);
  }

  /** A push is answered before the next message is read. */
  async onMessage(message: ReadyMessage, link: HubLink): Promise<void> {
    const { applier, keyring, shipper, discoveries, watch, log } = this.#options;
    switch (message.type) {
      case 'config-push':
        await applier.abandonFetch('a newer push came');
        return this.#report(await applier.apply(message), link);
      case 'manifest-push':
        await applier.abandonFetch('a newer push came');
        // its parts are messages, too
        void applier.applyManifest(message, (request) => link.send(request)).then((status) => this.#report(status, link));
        return;
      case 'part':
        if (await applier.takePart(message)) return;
        link.send(buildRejection(message.type, 'unexpected', 'No part is waited for under this nonce.'));
        return;
      case 'keyset':
        await keyring.take(message);
        link.send(keyring.getStatus());
        return;
      case 'revocations':
        return this.#takeRevocations(message, link);
      case 'discovery-request':
        return discoveries.start(message, link);
      case 'audit-ack':
        return shipper.onAcknowledged(message);
      case 'definitions-noted':
        return watch.settleReport('noted');
      case 'heartbeat-ack':
        return;
      case 'rejected':
        log.warn({ of: message.of, code: message.code, reason: message.message }, 'the hub refused a message');
        if (message.of === 'definitions-observed') watch.settleReport('refused');
        if (message.of === 'audit-batch') shipper.onRejected(message.code);
        if (message.of === 'part-request') await this.#onPartsRefused(message, link);
    }
  }

  /** Something is withheld anew, or no longer. */
  onWithheld(link: HubLink): void {
    if (link.canUse('parts')) this.#report(this.#options.applier.getStatus(), link);
  }

  /** What could not be stored is tried again with every heartbeat. */
  onBeat(link: HubLink): void {
    const { applier, keyring, revocations, log } = this.#options;
    void keyring.save();
    void revocations.save();
    applier.retry().then(
      (status) => this.#report(status, link),
      (error: unknown) => log.error({ err: error }, 'a stored configuration could not be tried again'),
    );
  }

  onDisconnected(): void {
    this.#handBack?.return(undefined);
    this.#handBack = null;
    const { applier, shipper, watch } = this.#options;
    void applier.abandonFetch('the connection ended');
    shipper.onDisconnected();
    watch.dropHub();
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

  /** Says what runs and what of it is withheld, to a hub that knows of such. */
  #report(status: Omit<ConfigStatus, 'withheld'> | null, link: HubLink): void {
    if (!status) return;
    const withheld = link.canUse('parts') ? { withheld: listWithheld(this.#options.withheld) } : {};
    link.send({ ...status, ...withheld });
  }

  /** The hub makes the push again; one that it does not know any more, on the next connection. */
  async #onPartsRefused({ code, message }: Rejected, link: HubLink): Promise<void> {
    await this.#options.applier.abandonFetch(message);
    if (code === 'foreign_id') link.reconnect('the hub does not serve the parts of its push');
  }

  async #setStanding(standing: Standing): Promise<void> {
    const { dir, current, log } = this.#options;
    if (standing === current.getStanding()) return;
    current.setStanding(standing);
    log.warn({ standing }, standing === 'good' ? 'this agent may serve again' : 'this agent may not serve any more');
    await writeStanding(dir, standing).catch((error: unknown) => log.error({ err: error }, 'the standing could not be stored'));
  }
}

function listWithheld(withheld: HubEventsOptions['withheld']): NonNullable<ConfigStatus['withheld']> {
  return Array.from(withheld.list(), ([id, { kind, code, reason }]) => ({
    kind,
    id,
    code,
    message: reason,
  }));
}
