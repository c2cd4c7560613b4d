import type { ApiOutput } from '../../trpc/client.tsx';
import { describeReason } from './reasons.ts';

/** A call, or another request that was recorded, as every list shows it. */
export type CallRow = ApiOutput['receipt']['list']['rows'][number];

interface CallWords {
  /** heading of a fact or column: "Prompt" */
  word: string;
  /** what a person did with it: "Mia got the prompt summarise" */
  verb: string;
  /** in place of a name that is not there */
  unnamed: string;
  /** what a person did when the name is not there: "Mia asked for an unknown prompt" */
  tried: string;
}

const CALLS: Partial<Record<NonNullable<CallRow['method']>, Pick<CallWords, 'word' | 'verb'>>> = {
  'tools/call': { word: 'Tool', verb: 'called' },
  'prompts/get': { word: 'Prompt', verb: 'got the prompt' },
  'resources/read': { word: 'Resource', verb: 'read the resource' },
};

/** Refusals that come before anything is looked up: of the name nothing is known, not even that it is unknown. */
const AT_THE_DOOR = ['identity_', 'session_', 'profile_', 'lease_', 'agent_'];

/**
 * The words for what was used. A name that the profile does not have leaves a fingerprint, and so does one that was never looked up, because whoever asked
 * was not let in; without one the request was refused before its name was read. A request that is no call is recorded only when it was refused, and goes
 * by its method.
 */
export function getCallWords({
  method,
  nameFingerprint,
  reasonCode,
}: Pick<CallRow, 'method' | 'nameFingerprint' | 'reasonCode'>): CallWords {
  const request = { word: 'Request', verb: 'sent' };
  if (method === null) return { ...request, unnamed: 'unread request', tried: 'sent a request that was not read' };
  const words = CALLS[method];
  if (!words) return { ...request, unnamed: method, tried: `sent ${method}` };
  const noun = words.word.toLowerCase();
  if (AT_THE_DOOR.some((start) => reasonCode.startsWith(start)))
    return { ...words, unnamed: `${noun}, not looked up`, tried: `was not let in to use a ${noun}` };
  if (nameFingerprint !== null) return { ...words, unnamed: `unknown ${noun}`, tried: `asked for an unknown ${noun}` };
  return { ...words, unnamed: `${noun}, name not read`, tried: `asked for a ${noun} whose name was not read` };
}

/** What came of a call, in one line: what came back or, where it did not end well, why. */
export function describeResult({
  outcome,
  reasonCode,
  resultSummary,
}: Pick<CallRow, 'outcome' | 'reasonCode' | 'resultSummary'>): string {
  return outcome === 'allowed' ? (resultSummary ?? '–') : describeReason(reasonCode);
}

/** "0.4" or "128": milliseconds as they are shown, with a decimal only where it tells something. */
export function formatMs(ms: number): string {
  return ms < 9.95 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en');
}
