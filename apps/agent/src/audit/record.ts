import type { CheckResult, ReasonCode } from '@gatehouse/policy/decision';
import { isJsonObject } from '@gatehouse/policy/documents/json';
import type { RecordedMethod } from '@gatehouse/protocol/receipt';
import type { ReceiptDraft } from '@gatehouse/protocol/receipt-chain';
import { fingerprint } from '@gatehouse/redaction/fingerprint';
import { measureMarked, redactMarked, type MarkedFields } from '@gatehouse/redaction/marked-fields';
import { gatherArguments, gatherResult } from '@gatehouse/redaction/record';
import type { LoggedField } from '@gatehouse/redaction/recorded';

import type { SiteKey } from '../state/site-key.ts';
import { getPlainJson } from '../wire/json-text.ts';
import { METHOD } from '../wire/protocol.ts';
import type { CallFacts, CallRecord, RawValue } from './call-record.ts';
import type { ReceiptFeature } from './receipt-draft.ts';
import type { LiveRedactor } from './redaction/live-redactor.ts';

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

/** A call as it may be written, but for the values of its marked fields. */
export interface PreparedCall {
  draft: ReceiptDraft;
  /** of the arguments, then of the result; empty where there is none */
  marked: MarkedFields[];
  /** characters of marked values, about: what redaction has to look at */
  size: number;
}

const NOTHING_MARKED: MarkedFields = { logged: [], further: [] };

/** Turns a call into what may be written, here and now: see prepareCall and completeCall. */
export function recordCall(context: RecordContext, record: CallRecord): ReceiptDraft {
  const prepared = prepareCall(context, record);
  return completeCall(prepared, redactHere(context, prepared));
}

/** Redacts the marked values in this thread. */
export function redactHere({ redactor }: RecordContext, { marked }: PreparedCall): LoggedField[][] {
  return marked.map((fields) => redactMarked(fields, redactor.getRedactor()));
}

/** Key paths, types, sizes and fingerprints of a call, and apart from them the marked values, which have to be redacted. */
export function prepareCall(context: RecordContext, record: CallRecord): PreparedCall {
  let failed = false;
  const attempt = <T>(raw: RawValue | null, make: (raw: RawValue) => T): T | null => {
    if (!raw) return null;
    try {
      return make(raw);
    } catch {
      failed = true;
      return null;
    }
  };
  const siteKey = context.siteKey.key;
  const gatherOf = ({ schema, marked }: RawValue, value: unknown) => {
    return { value, json: getPlainJson(value), schema, marked: context.detail === 'shape' ? [] : marked, siteKey };
  };
  const given = attempt(record.arguments, (raw) => gatherArguments(gatherOf(raw, raw.value)));
  const answered = attempt(record.result, (raw) => gatherResult(gatherOf(raw, alignContent(record.method, raw.value))));
  const marked = [given?.marked ?? NOTHING_MARKED, answered?.marked ?? NOTHING_MARKED];
  const recorded = given !== null || answered !== null || failed;
  return {
    draft: describeCall(context, record, {
      nameFingerprint: record.unknownName === null ? null : fingerprint(siteKey, '', record.unknownName),
      outcome: record.outcome,
      reasonCode: selectReadableCode(context, record.reasonCode),
      arguments: given?.record ?? null,
      result: answered?.record ?? null,
      durationMs: Math.max(0, record.durationMs),
      upstreamMs: record.upstreamMs === null ? null : Math.max(0, record.upstreamMs),
      checks: mergeChecks(context, record.checks, makeRedactionCheck(recorded, failed)),
    }),
    marked,
    size: marked.reduce((sum, fields) => sum + measureMarked(fields), 0),
  };
}

/**
 * Puts the redacted values of the arguments and of the result into the receipt, which is the one that was prepared. A value that cannot be recorded
 * is dropped and the check says so; the receipt itself never fails.
 */
export function completeCall({ draft }: PreparedCall, [given, answered]: LoggedField[][]): ReceiptDraft {
  if (draft.arguments) draft.arguments.logged = given ?? [];
  if (draft.result) draft.result.logged = answered ?? [];
  return draft;
}

/** The receipt of a call whose process ended between intent and receipt: whether the upstream did it is not known. */
export function recordCrashed(context: RecordContext, intent: CallFacts): ReceiptDraft {
  return describeCall(context, intent, {
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
  });
}

/** Also the half of a character that a cut may have left. */
const UNPRINTABLE = /\p{Cc}|\p{Cs}/gu;

/** Facts as they may be written: names that a client chose are scrubbed, made printable and cut to what a receipt holds. */
export function cleanFacts<T extends CallFacts>(redactor: LiveRedactor, facts: T): T {
  const clean = (text: string | null, length: number) => {
    if (text === null || text.length > MAX_SCANNED) return text && '[redacted:too-long]';
    return redactor.scrub(text).slice(0, length).replaceAll(UNPRINTABLE, '\uFFFD');
  };
  return {
    ...facts,
    sessionId: facts.sessionId?.slice(0, 64) ?? null,
    clientName: clean(facts.clientName, 120),
    clientVersion: clean(facts.clientVersion, 60),
    protocolVersion: clean(facts.protocolVersion, 20),
  };
}

/** How a call ended. */
type Ending = Pick<
  ReceiptDraft,
  'nameFingerprint' | 'outcome' | 'reasonCode' | 'checks' | 'arguments' | 'result' | 'durationMs' | 'upstreamMs'
>;

/** Every member is named: an object that is put together of others is copied several times while it grows. */
function describeCall({ siteId, siteKey, redactor }: RecordContext, call: CallFacts, ending: Ending): ReceiptDraft {
  const facts = cleanFacts(redactor, call);
  return {
    format: 2,
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
    nameFingerprint: ending.nameFingerprint,
    outcome: ending.outcome,
    reasonCode: ending.reasonCode,
    checks: ending.checks,
    arguments: ending.arguments,
    result: ending.result,
    durationMs: ending.durationMs,
    upstreamMs: ending.upstreamMs,
  };
}

/** Puts the messages of a prompt or the contents of a resource where a tool has its `content`, so that one form is recorded. */
function alignContent(method: RecordedMethod | null, result: unknown): unknown {
  if (!isJsonObject(result) || (method !== METHOD.getPrompt && method !== METHOD.readResource)) return result;
  const { messages, contents, ...rest } = result;
  switch (method) {
    case METHOD.getPrompt:
      return { ...rest, content: listItems(messages).map((message) => (isJsonObject(message) ? message['content'] : null)) };
    case METHOD.readResource:
      return { ...rest, content: listItems(contents).map((resource) => ({ type: 'resource', resource })) };
  }
}

function listItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The next best code of those that an earlier hub reads. */
function selectReadableCode({ canSend }: RecordContext, code: ReasonCode): ReasonCode {
  if (code === 'answer_unread' && !canSend('answer-unread')) return 'cancelled';
  return code === 'busy' && !canSend('busy') ? 'request_too_large' : code;
}

function selectReadable(context: RecordContext, noted: CheckResult): CheckResult {
  const { check, result, code, listedMsAgo, hiddenText, limit, changedArguments } = noted;
  if (listedMsAgo === undefined && !hiddenText && !limit && !changedArguments && !code) return noted;
  const { canSend } = context;
  // in the order in which they are written
  return {
    ...(changedArguments && canSend('changed-arguments') && { changedArguments }),
    check,
    ...(code && { code: selectReadableCode(context, code) }),
    ...(hiddenText && canSend('hidden-text') && { hiddenText }),
    ...(limit && canSend('call-limit') && { limit }),
    ...(listedMsAgo !== undefined && canSend('list-age') && { listedMsAgo }),
    result,
  };
}

/**
 * Each check once, in its first place, so that a receipt holds all of them: a failure stands before whatever else was said of its check, and what is
 * known beside the result stays.
 */
function mergeChecks(context: RecordContext, noted: readonly CheckResult[], last: CheckResult): CheckResult[] {
  const merged: CheckResult[] = [];
  for (const each of noted) addCheck(merged, selectReadable(context, each));
  addCheck(merged, last);
  return merged;
}

function addCheck(merged: CheckResult[], check: CheckResult): void {
  let at = 0;
  while (at < merged.length && merged[at]?.check !== check.check) at += 1;
  const before = merged[at];
  if (!before) merged.push(check);
  else merged[at] = getRank(check) >= getRank(before) ? { ...before, ...check } : { ...check, ...before };
}

function getRank({ result }: CheckResult): number {
  return ['skip', 'pass', 'fail'].indexOf(result);
}

function makeRedactionCheck(recorded: boolean, failed: boolean): CheckResult {
  if (failed) return { check: 'redaction', result: 'fail', code: 'internal' };
  return { check: 'redaction', result: recorded ? 'pass' : 'skip' };
}
