import { getRoundedPin, getSteadyPin } from '@gatehouse/policy/documents/steady-pin';
import { hasNotedDigits } from '@gatehouse/policy/schema/noted-digits';

import { ASK_ADMIN } from '../../config/ask-admin.ts';
import { raceAbort } from '../abort.ts';
import type { ApprovedEntry } from '../conversation.ts';
import { createToldFailure, NotConfirmed, NotSent, SessionEnded, toUpstreamFailure, type UpstreamFailure } from '../failure.ts';
import type { ListedKind } from './list-pages.ts';
import type { LiveDefinition, LiveDefinitions } from './live-definitions.ts';
import type { RoundedPins } from './live-list.ts';

const NOUN: Readonly<Record<ListedKind, string>> = {
  tool: 'tool',
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
};

const NEW_REVIEW = `It needs a new review. ${ASK_ADMIN}`;

/**
 * Confirms that the server defines the entry as it was approved; resolves then where that has to be asked first. Fails with `tool_not_approved` when it does
 * not, with NotConfirmed when that cannot be seen, and as the signal says once it is aborted.
 */
export function requireApproved(live: LiveDefinitions, approved: ApprovedEntry, signal: AbortSignal): Promise<void> | void {
  const { kind, name, freshness } = approved;
  let listed: LiveDefinition | Promise<LiveDefinition>;
  try {
    signal.throwIfAborted();
    listed = live.find(kind, name, freshness);
  } catch (error) {
    throw toNotConfirmed(error, kind, signal);
  }
  if (!(listed instanceof Promise)) return confirm(listed, approved);
  return raceAbort(listed, signal).then(
    (found) => confirm(found, approved),
    (error: unknown) => {
      throw toNotConfirmed(error, kind, signal);
    },
  );
}

function confirm(found: LiveDefinition, approved: ApprovedEntry): void {
  if (!isAsApproved(found, approved)) throw describeDifference(found, approved.kind);
  approved.onConfirmed?.(found.listedMsAgo);
}

function isAsApproved({ pin, wordless, rounded }: LiveDefinition, approved: ApprovedEntry): boolean {
  const { kind, definition } = approved;
  if (pin === getSteadyPin({ kind, pin: approved.pin, definition })) return true;
  if (pin === null || pin === undefined) return false;
  if (isOneOf({ pin, wordless }, approved)) return true;
  // what was approved when every number was taken for a double
  return rounded !== undefined && !hasNotedDigits(definition) && isOneOf(rounded, approved);
}

function isOneOf({ pin, wordless }: RoundedPins, { ignored, alike, ...approved }: ApprovedEntry): boolean {
  if (pin === getSteadyPin(approved)) return true;
  // the rounded text is there for agents that read doubles
  if ((alike?.includes(pin) ?? false) && pin !== getRoundedPin(approved)) return true;
  return ignored !== undefined && wordless === getSteadyPin({ ...approved, ignored });
}

function toNotConfirmed(error: unknown, kind: ListedKind, signal: AbortSignal): unknown {
  const failure = toUpstreamFailure(error, signal);
  // the list was asked for in a session that is over, and the call was not sent
  if (failure instanceof SessionEnded) return new NotSent(failure);
  // these are about the caller or the connection, and say nothing about a list
  if (failure instanceof NotSent || failure.status === 404 || (signal.aborted && failure.code !== 'upstream_timeout'))
    return error;
  const { code, status, byUs, message, told, limit } = failure;
  const said = `It could not be seen whether the server still defines this ${NOUN[kind]} as it was approved, so nothing was sent to it. `;
  return new NotConfirmed(code, `${said}${message} Try again; if it stays so, look at the server.`, {
    cause: error,
    status: status ?? undefined,
    byUs,
    told: `${said}${told}`,
    ...(limit && { limit }),
  });
}

function describeDifference({ pin, more }: LiveDefinition, kind: ListedKind): UpstreamFailure {
  const noun = NOUN[kind];
  if (pin === undefined && more) {
    const message = `The server lists more than can be read, and this ${noun} was not among it.`;
    return new NotConfirmed('upstream_too_large', message, { told: message });
  }
  const why =
    pin === undefined
      ? `The server does not offer this ${noun} to this client now.`
      : pin === null
        ? `The server defines several ${noun}s of this name. ${NEW_REVIEW}`
        : `The server has changed this ${noun} since it was approved. ${NEW_REVIEW}`;
  return createToldFailure('tool_not_approved', why);
}
