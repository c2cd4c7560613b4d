import { toNetwork, toOrigin } from '@gatehouse/process/origin';

import type { Runtime } from '../runtime.ts';
import type { LimitName } from './throttle.ts';

/** What somebody does who has proved nothing, so that only the address says who it is. */
const COUNTED = {
  enrolment: ['enrol_address', 'enrol_network'],
  account_link: ['account_link', 'account_link_network'],
  passkey: ['passkey', 'passkey_network'],
  reset_request: ['reset_request', 'reset_request_network'],
} as const satisfies Record<string, readonly [LimitName, LimitName]>;

/**
 * Counts an attempt by address and by network, whose addresses are cheap to whoever holds it. An address that is stopped uses up nothing of its
 * network. Throws RateLimitError, or `unavailable` when the counters cannot be reached.
 */
export async function consumeByAddress({ throttle }: Pick<Runtime, 'throttle'>, what: keyof typeof COUNTED, ip: string) {
  const [address, network] = COUNTED[what];
  await throttle.consume(address, [toOrigin(ip)]);
  await throttle.consume(network, [toNetwork(ip)]);
}

/** Forgets one attempt, after a success. */
export async function giveBackByAddress({ throttle }: Pick<Runtime, 'throttle'>, what: keyof typeof COUNTED, ip: string) {
  const [address, network] = COUNTED[what];
  await throttle.giveBack(address, [toOrigin(ip)]);
  await throttle.giveBack(network, [toNetwork(ip)]);
}
