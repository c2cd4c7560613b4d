import { CloseCode, type LinkErrorCode } from '@gatehouse/protocol/messages';

import type { SocketEnd } from './hub-socket.ts';
import type { LinkEnd } from './reconnect-delay.ts';

/** After these the agent must not serve until an administrator has acted. */
export function isLastingRefusal(code: LinkErrorCode): boolean {
  return code === 'revoked' || code === 'quarantined' || code === 'epoch_reused';
}

/** Works in the folder of an agent that is shut out: what that left is set aside (state/set-aside.ts). */
const ENROL_AGAIN =
  'Stop it, make a join token in the console and start it with: gatehouse-agent up --enroll TOKEN. What it has not sent is kept.';

const REFUSALS: Partial<Record<LinkErrorCode, string>> = {
  revoked: `This agent was revoked. ${ENROL_AGAIN}`,
  quarantined: `This agent is quarantined: its key was used twice. ${ENROL_AGAIN}`,
  epoch_reused: `The hub has seen this connection number before: the data directory was copied or restored. ${ENROL_AGAIN}`,
  unauthenticated:
    'The hub does not know this agent or its key. Enrol another one with a new join token and an empty GATEHOUSE_DATA_DIR.',
  clock_skew: 'The clocks of this machine and the hub differ too much. Set the clock (NTP).',
  unsupported_protocol: 'This agent is too old for the hub or for its workspace. Download the agent from the console again.',
  rate_limited: 'The hub takes no more connections right now.',
  unavailable: 'The hub is not available right now.',
};

/** What the end of a connection means. `refusal`: the code of a `rejected` that came before it. */
export function explainEnd(
  socket: SocketEnd,
  refusal: LinkErrorCode | null,
): { end: LinkEnd; refusal: LinkErrorCode | null; message: string } {
  const code = refusal ?? readRefusal(socket.code);
  if (code) {
    const message = REFUSALS[code] ?? `The hub refused the connection (${code}).`;
    return { end: classifyRefusal(code), refusal: code, message };
  }
  if (socket.code === CloseCode.restarting) {
    return { end: { kind: 'restarting', withinMs: null }, refusal: null, message: 'The hub is restarting.' };
  }
  if (socket.code === CloseCode.replaced) {
    return { end: { kind: 'refused' }, refusal: null, message: 'Another connection with the key of this agent took over.' };
  }
  const reason = socket.error ?? (socket.code === 1006 ? 'connection lost' : `closed with ${socket.code}`);
  return { end: { kind: 'failed' }, refusal: null, message: `No connection to the hub (${reason}).` };
}

function classifyRefusal(code: LinkErrorCode): LinkEnd {
  if (isLastingRefusal(code) || code === 'unauthenticated') return { kind: 'refused' };
  return { kind: code === 'rate_limited' ? 'rate_limited' : 'failed' };
}

function readRefusal(code: number): LinkErrorCode | null {
  switch (code) {
    case CloseCode.unauthenticated:
      return 'unauthenticated';
    case CloseCode.revoked:
      return 'revoked';
    case CloseCode.quarantined:
      return 'quarantined';
    case CloseCode.rateLimited:
      return 'rate_limited';
    case CloseCode.unavailable:
      return 'unavailable';
    default:
      return null;
  }
}
