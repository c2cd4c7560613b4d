import type { CheckResult } from '@gatehouse/policy/decision';
import { isJsonObject } from '@gatehouse/policy/documents/json';
import type { RecordedMethod } from '@gatehouse/protocol/receipt';
import type { ReceiptDraft } from '@gatehouse/protocol/receipt-chain';
import { fingerprint } from '@gatehouse/redaction/fingerprint';
import { recordArguments, recordResult } from '@gatehouse/redaction/record';

import type { SiteKey } from '../state/site-key.ts';
import { METHOD } from '../wire/protocol.ts';
import type { CallFacts, CallRecord, RawValue } from './call-record.ts';
import type { LiveRedactor } from './live-redactor.ts';
import type { ReceiptFeature } from './receipt-draft.ts';

/** Longer names are dropped, not cut: a cut could leave half of a secret unrecognised. */
const MAX_SCANNED = 4_096;

export interface RecordContext {
  siteId: string;
  siteKey: SiteKey;
  redactor: LiveRedactor;
  /** `shape`: no value leaves, whatever was marked at review */
  detail: 'shape' | 'marked';
  /** an earlier hub does not read all of this, and the hash of a receipt covers all that is in it */
  canSend: (feature: ReceiptFeature) => boolean;
}

/**
 * Turns a call into what may be written: key paths, types, sizes and fingerprints, and of marked fields the redacted value. A value that
 * cannot be recorded is dropped and the check says so; the receipt itself never fails.
 */
export function recordCall(context: RecordContext, record: CallRecord): ReceiptDraft {
  const checks = record.checks.map((check) => selectReadable(context, check));
  let failed = false;
  const attempt = <T>(raw: RawValue | null, make: (raw: RawValue) => T): T | null => {
    if (!raw) return null;
    try {
      return make(context.detail === 'shape' ? { ...raw, marked: [] } : raw);
    } catch {
      failed = true;
      return null;
    }
  };
  const input = (raw: RawValue) => ({ ...raw, siteKey: context.siteKey.key, redactor: context.redactor.getRedactor() });
  const recordedArguments = attempt(record.arguments, (raw) => recordArguments(input(raw)));
  const recordedResult = attempt(record.result, (raw) =>
    recordResult({ ...input(raw), value: alignContent(record.method, raw.value) }),
  );
  const recorded = record.arguments !== null || record.result !== null;
  checks.push(makeRedactionCheck(recorded, failed));

  return {
    ...describeCall(context, record),
    nameFingerprint: record.unknownName === null ? null : fingerprint(context.siteKey.key, '', record.unknownName),
    outcome: record.outcome,
    reasonCode: record.reasonCode,
    checks: checks.slice(0, 16),
    arguments: recordedArguments,
    result: recordedResult,
    durationMs: Math.max(0, record.durationMs),
    upstreamMs: record.upstreamMs === null ? null : Math.max(0, record.upstreamMs),
  };
}

/** The receipt of a call whose process ended between intent and receipt: whether the upstream did it is not known. */
export function recordCrashed(context: RecordContext, intent: CallFacts): ReceiptDraft {
  return {
    ...describeCall(context, intent),
    nameFingerprint: null,
    outcome: 'failed',
    reasonCode: 'unknown_after_crash',
    checks: [
      { check: 'intent', result: 'pass' },
      { check: 'response', result: 'fail', code: 'unknown_after_crash' },
    ],
    arguments: null,
    result: null,
    durationMs: 0,
    upstreamMs: null,
  };
}

/** Facts as they may be written: names that a client chose are scrubbed, made printable and cut to what a receipt holds. */
export function cleanFacts<T extends CallFacts>(redactor: LiveRedactor, facts: T): T {
  const clean = (text: string | null, length: number) => {
    if (text === null || text.length > MAX_SCANNED) return text && '[redacted:too-long]';
    return (
      redactor
        .scrub(text)
        .slice(0, length)
        // also the half of a character that the cut may have left
        .replaceAll(/\p{Cc}|\p{Cs}/gu, '\uFFFD')
    );
  };
  return {
    ...facts,
    sessionId: facts.sessionId?.slice(0, 64) ?? null,
    clientName: clean(facts.clientName, 120),
    clientVersion: clean(facts.clientVersion, 60),
    protocolVersion: clean(facts.protocolVersion, 20),
  };
}

function describeCall({ siteId, siteKey, redactor }: RecordContext, call: CallFacts) {
  const facts = cleanFacts(redactor, call);
  return {
    format: 2 as const,
    id: facts.callId,
    siteId,
    siteKeyId: siteKey.id,
    eventAt: facts.eventAt,
    configVersion: facts.configVersion,
    personId: facts.personId,
    keyId: facts.keyId,
    sessionId: facts.sessionId,
    clientName: facts.clientName,
    clientVersion: facts.clientVersion,
    protocolVersion: facts.protocolVersion,
    profileId: facts.profileId,
    profileVersion: facts.profileVersion,
    serverId: facts.serverId,
    method: facts.method,
    kind: facts.kind,
    name: facts.name,
    advertisedName: facts.advertisedName,
    pin: facts.pin,
    risk: facts.risk,
    credential: facts.credential,
  };
}

/** Puts the messages of a prompt or the contents of a resource where a tool has its `content`, so that one form is recorded. */
function alignContent(method: RecordedMethod | null, result: unknown): unknown {
  if (!isJsonObject(result)) return result;
  const { messages, contents, ...rest } = result;
  switch (method) {
    case METHOD.getPrompt:
      return { ...rest, content: listItems(messages).map((message) => (isJsonObject(message) ? message['content'] : null)) };
    case METHOD.readResource:
      return { ...rest, content: listItems(contents).map((resource) => ({ type: 'resource', resource })) };
    default:
      return result;
  }
}

function listItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function selectReadable({ canSend }: RecordContext, noted: CheckResult): CheckResult {
  const { listedMsAgo, hiddenText, limit, changedArguments, ...check } = noted;
  if (listedMsAgo === undefined && !hiddenText && !limit && !changedArguments) return noted;
  return {
    ...check,
    ...(listedMsAgo !== undefined && canSend('list-age') && { listedMsAgo }),
    ...(hiddenText && canSend('hidden-text') && { hiddenText }),
    ...(limit && canSend('call-limit') && { limit }),
    ...(changedArguments && canSend('changed-arguments') && { changedArguments }),
  };
}

function makeRedactionCheck(recorded: boolean, failed: boolean): CheckResult {
  if (failed) return { check: 'redaction', result: 'fail', code: 'internal' };
  return { check: 'redaction', result: recorded ? 'pass' : 'skip' };
}
