import type { RpcError } from '../../wire/json-rpc.ts';
import { RpcCode } from '../../wire/protocol.ts';
import { SessionEnded, toAnswerFailure, type UpstreamFailure } from '../failure.ts';

/** `undone`: the server surely did nothing of the request. `unsure`: it does not say. */
type SessionEnd = 'undone' | 'unsure';

/** What servers say when they do not know the session of a request, or know it no more: the words about it, in either order. */
const ENDED =
  /session.{0,60}?(?:not (?:be )?(?:found|exist|valid|active|initiali[sz]ed)|n't exist|no longer|expired|invalid|unknown|unrecogni[sz]ed|closed|ended|terminated|timed out|gone|missing|required)|\b(?:no|not|invalid|unknown|unrecogni[sz]ed|expired|missing|stale)\b[\w -]{0,30}?\bsession|server (?:is )?not (?:yet )?initiali[sz]ed|before initiali[sz]ation (?:was|is) complete/i;
/** Of a transport, which knows sessions. Under any other code the words may be those of a tool, about a session of its own. */
const TRANSPORT_CODES: readonly RpcError['code'][] = [RpcCode.refused, RpcCode.sessionNotFound, RpcCode.invalidRequest];

/** What was going on when a server said something that may be about the session. */
export interface SessionFacts {
  /** the connection has a session id */
  inSession: boolean;
  /** the server had begun to answer the request before */
  accepted: boolean;
  /** the protocol has sessions: where this server gave no id, 404 says that it does not know its client any more */
  stateful?: boolean;
}

/** A failure as the end of the session, when that is what it says; else as it is. */
export function toSessionFailure(failure: UpstreamFailure, facts: SessionFacts): UpstreamFailure {
  const { status, words } = failure;
  const { inSession, stateful = inSession } = facts;
  const isUnknown = status === 404 && stateful;
  const end = failure instanceof SessionEnded ? null : readSessionEnd(status ?? 200, words, null, inSession || isUnknown);
  return end === null ? failure : new SessionEnded(failure, end === 'undone' && !facts.accepted);
}

/**
 * An error that a server answered with, as the end of the session when that is what it says. `sure` is false when the words may as well be those
 * of a tool: then the server has to be asked. Null: it is about something else.
 */
export function findSessionEnd(
  error: RpcError,
  status: number,
  { inSession, accepted }: SessionFacts,
): { ended: SessionEnded; sure: boolean } | null {
  const words = typeof error.data === 'string' ? `${error.message} ${error.data}` : error.message;
  const end = readSessionEnd(status, words, error.code, inSession);
  if (end === null) return null;
  const ended = new SessionEnded(toAnswerFailure(error), end === 'undone' && !accepted);
  return { ended, sure: (status !== 200 && status !== 400) || TRANSPORT_CODES.includes(error.code) };
}

function readSessionEnd(status: number, words: string, code: RpcError['code'] | null, inSession: boolean): SessionEnd | null {
  switch (status) {
    case 404:
      // a method that is not there is not the session
      if (code === RpcCode.methodNotFound) return null;
      return inSession || ENDED.test(words) ? 'undone' : null;
    case 400:
      if (ENDED.test(words)) return /session/i.test(words) ? 'undone' : 'unsure';
      return code === RpcCode.refused || code === RpcCode.sessionNotFound ? 'unsure' : null;
    case 401:
    case 410:
      // the credential was renewed before, if it could be
      return inSession || ENDED.test(words) ? 'unsure' : null;
    case 429:
    case 503:
      // it is busy, and with more sessions it would be busier
      return null;
    default:
      return ENDED.test(words) ? 'unsure' : null;
  }
}
