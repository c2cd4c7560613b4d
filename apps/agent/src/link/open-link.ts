import type { DiscoveryOrders } from '../config/discovery-order.ts';
import type { StateLock } from '../state/lock.ts';
import { describeDiskError, readState, StateDirError, writeState, type StateDir } from '../state/state-dir.ts';
import type { CleanWriter } from './clean-frame.ts';
import { DiscoveryTasks, type RunDiscovery } from './discovery-tasks.ts';
import { HubEvents, type HubEventsOptions } from './hub-events.ts';
import { HubLink, type LinkOptions } from './hub-link.ts';
import { LeavingTexts } from './leaving-texts.ts';

export type OpenLinkOptions = Omit<LinkOptions, 'takeEpoch' | 'events' | 'writer'> &
  Omit<HubEventsOptions, 'discoveries'> & {
    /** takes out the credentials that this agent holds */
    scrub: { scrubText(text: string): string; toJson(value: unknown): string };
    lock: StateLock;
    orders: DiscoveryOrders;
    runDiscovery: RunDiscovery;
  };

export interface OpenLink {
  link: HubLink;
  /** Stops the discoveries under way and leaves the hub. */
  close(): Promise<void>;
}

/** The link to the hub with everything that answers to it. It dials once it is started. Throws HubAddressError. */
export function openLink(options: OpenLinkOptions): OpenLink {
  const { dir, lock, orders, runDiscovery, current, scrub, now, log } = options;
  const texts = new LeavingTexts(current);
  const writer: CleanWriter = {
    toCleanJson: (value) => scrub.toJson(value),
    redact: (text) => texts.redact(scrub.scrubText(text)),
  };
  const discoveries = new DiscoveryTasks({
    orders,
    run: runDiscovery,
    onOrder: ({ server }) => texts.noteNamed(server),
    now,
    log,
  });
  const events = new HubEvents({ ...options, discoveries });
  const link = new HubLink({ ...options, writer, events, takeEpoch: () => takeOwnEpoch(dir, lock) });
  const unsubscribe = options.withheld.onChange(() => events.onWithheld(link));
  return {
    link,
    async close() {
      unsubscribe();
      await discoveries.close();
      await link.stop();
    },
  };
}

/**
 * The next epoch of a directory that nobody else has taken: rises with every connection and is on disk before it is used. So an agent that
 * runs on a copy of the directory repeats an epoch, by which the hub finds out that there are two. Rejects with StateDirError.
 */
export async function takeOwnEpoch(dir: StateDir, lock: StateLock): Promise<number> {
  if (!lock.isHeld()) throw new StateDirError(`Another agent has taken ${dir.path}.`);
  const text = readState(dir.epoch);
  const last = text === null ? 0 : Number(text);
  if (!Number.isSafeInteger(last) || last < 0 || text?.trim() === '') {
    throw new StateDirError(
      `${dir.epoch} is damaged. Revoke this agent and enrol another one with a new join token and an empty GATEHOUSE_DATA_DIR.`,
    );
  }
  await writeState(dir, dir.epoch, String(last + 1)).catch((error: unknown) => {
    throw new StateDirError(describeDiskError(error, dir.path), { cause: error });
  });
  return last + 1;
}
