import { randomUUID } from 'node:crypto';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { CheckName, CheckResult, ReasonCode } from '@gatehouse/policy/decision';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import { listCredentials, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { CallTarget } from '@gatehouse/policy/evaluate';
import { getOutcome } from '@gatehouse/policy/outcome';
import { readReferences } from '@gatehouse/policy/schema/plain-references';
import { RecordedMethod } from '@gatehouse/protocol/receipt';

import type { CallFacts, CallRecord, RawValue } from '../audit/call-record.ts';
import type { CallJournal } from '../audit/journal.ts';
import type { FoundHidden } from './client-text.ts';
import { getRequestArguments, getRequestName, type CallRequest } from './request.ts';

export interface TrailDeps {
  journal: CallJournal;
  now(): Date;
  /** monotonic, milliseconds */
  readClock(): number;
}

/**
 * What is known about one request, gathered from its first byte on, so that whatever happens to it leaves exactly one receipt. A request
 * that turns out to be no call is dropped without one.
 *
 * A call in which the server asks the client takes several requests in the newer protocol: each is decided anew and leaves its own receipt, `ok` also for
 * one that was answered with a question (`HeldReceipts` has what becomes of such a call when its client does not come back). In the older protocol the questions are asked within the one request, which has the one receipt.
 */
export class CallTrail {
  readonly #deps: TrailDeps;
  #startedAt: number;
  readonly #facts: CallFacts;
  readonly #checks: CheckResult[] = [];
  /** the name that the client asked for, until it is found in the profile */
  #unknownName: string | null = null;
  #arguments: RawValue | null = null;
  #result: RawValue | null = null;
  #sentAt: number | null = null;
  #durationMs: number | null = null;
  #upstreamMs: number | null = null;
  #ended = false;
  #hidden: NonNullable<CheckResult['hiddenText']> | null = null;

  constructor(deps: TrailDeps, configVersion: number) {
    this.#deps = deps;
    this.#startedAt = deps.readClock();
    this.#facts = {
      callId: randomUUID(),
      eventAt: deps.now().toISOString(),
      configVersion,
      personId: null,
      keyId: null,
      sessionId: null,
      clientName: null,
      clientVersion: null,
      protocolVersion: null,
      profileId: null,
      profileVersion: null,
      serverId: null,
      method: null,
      kind: null,
      name: null,
      advertisedName: null,
      pin: null,
      risk: null,
      credential: null,
    };
  }

  get callId(): string {
    return this.#facts.callId;
  }

  /**
   * The trail of a call that goes on without its request: it keeps the id under which an intent may be on disk, and this request gets another for its own
   * receipt.
   */
  split(): CallTrail {
    const rest = new CallTrail(this.#deps, this.#facts.configVersion);
    Object.assign(rest.#facts, this.#facts);
    rest.#startedAt = this.#startedAt;
    rest.#checks.push(...this.#checks);
    rest.#unknownName = this.#unknownName;
    rest.#arguments = this.#arguments;
    rest.#sentAt = this.#sentAt;
    this.#facts.callId = randomUUID();
    return rest;
  }

  /** This request goes on with a call that went on without one: its receipt is that of the call, and so is an intent on disk. */
  takeOver({ callId, hasIntent }: CallTrail): void {
    this.#facts.callId = callId;
    if (hasIntent) this.pass('intent');
  }

  /** There is an intent on disk. */
  get hasIntent(): boolean {
    return this.#checks.some(({ check, result }) => check === 'intent' && result === 'pass');
  }

  /** What is known so far, for the journal. */
  copyFacts(): CallFacts {
    return { ...this.#facts };
  }

  setConfigVersion(version: number): void {
    this.#facts.configVersion = version;
  }

  /** What is no method of MCP is passed over, so that no other text of a client gets into a receipt. */
  setMethod(method: unknown): void {
    const known = METHODS.find((name) => name === method);
    if (known) this.#facts.method = known;
  }

  /** Both null: nobody was recognised. */
  setKey({ keyId, personId }: { keyId: string | null; personId: string | null }): void {
    this.#facts.keyId = keyId;
    this.#facts.personId = personId;
  }

  setSession(sessionId: string): void {
    this.#facts.sessionId = sessionId;
  }

  /** `info`: what the client says of itself; null, like the revision of the protocol, when it says nothing. */
  setClient(info: { name: string; version: string } | null, protocolVersion: string | null): void {
    this.#facts.clientName = info?.name ?? null;
    this.#facts.clientVersion = info?.version ?? null;
    this.#facts.protocolVersion = protocolVersion;
  }

  setProfile({ profile }: CompiledProfile): void {
    this.#facts.profileId = profile.id;
    this.#facts.profileVersion = profile.version;
  }

  setRequest(request: CallRequest): void {
    this.#facts.method = request.method;
    this.#unknownName = getRequestName(request);
    this.#arguments = { value: getRequestArguments(request), schema: null, marked: [] };
  }

  /** Call it after setRequest. */
  setTarget(target: CallTarget): void {
    const facts = this.#facts;
    facts.serverId = target.server.id;
    facts.credential = getCredentialReference(target.server);
    facts.kind = target.kind;
    facts.name = target.entry.name;
    facts.pin = target.entry.pin;
    this.#unknownName = null;
    const value = this.#arguments?.value ?? {};
    switch (target.kind) {
      case 'tool': {
        const { advertisedName, risk, definition, logArguments } = target.entry;
        facts.advertisedName = advertisedName;
        facts.risk = risk;
        // what was judged, and what is sent beside pinned values
        this.#arguments = { value: target.given, schema: readReferences(definition.inputSchema).schema, marked: logArguments };
        return;
      }
      case 'prompt':
        facts.advertisedName = target.entry.advertisedName;
        this.#arguments = { value, schema: buildTextSchema(target.entry.definition.arguments ?? []), marked: [] };
        return;
      case 'resource':
      case 'template':
        facts.advertisedName = target.entry.name;
        this.#arguments = { value, schema: buildTextSchema([{ name: 'uri' }]), marked: [] };
    }
  }

  setResult(result: RawValue): void {
    this.#result = result;
  }

  /** What was hidden in something that the client was told: the receipt says so of the answer. */
  noteHidden({ handling, places, rules }: FoundHidden): void {
    const { places: before = 0, rules: known = [] } = this.#hidden ?? {};
    this.#hidden = { handling, places: before + places, rules: [...new Set([...known, ...rules])] };
  }

  /** Starts the time that the server takes. */
  startUpstream(): void {
    this.#sentAt = this.#getElapsedMs();
  }

  /** Nothing happens when nothing was sent. */
  stopUpstream(): void {
    if (this.#sentAt !== null) this.#upstreamMs = this.#getElapsedMs() - this.#sentAt;
  }

  /** Passes when the server has a credential, once it could be had. */
  checkCredential(): void {
    if (this.#facts.credential === null) this.skip('credential');
    else this.pass('credential');
  }

  pass(check: CheckName): void {
    this.#settle({ check, result: 'pass' });
  }

  /** `listedMsAgo`: how long before the server had listed it so; null: it lists nothing */
  passPin(listedMsAgo: number | null): void {
    this.#settle({ check: 'pin', listedMsAgo, result: 'pass' });
  }

  skip(check: CheckName): void {
    this.#checks.push({ check, result: 'skip' });
  }

  /** `limit`: the one that the server took longer than */
  fail(check: CheckName, code: ReasonCode, limit: NonNullable<CheckResult['limit']> | null = null): void {
    this.#settle({ check, code, ...(limit && { limit: { ms: limit.ms, name: limit.name } }), result: 'fail' });
  }

  add(checks: readonly CheckResult[]): void {
    this.#checks.push(...checks);
  }

  /** The time that it took is what has passed until now, however long its client reads. */
  stopClock(): void {
    this.#durationMs = this.#getElapsedMs();
  }

  /** Writes the receipt of a call that came to a result. `isCut`: its client took too little of it in too long, and was cut off. */
  endAnswered(reasonCode: ReasonCode, isCut: boolean): void {
    if (isCut) this.fail('response', 'answer_unread');
    this.end(isCut ? 'answer_unread' : reasonCode);
  }

  /** Writes the receipt. The first end counts; a request has only one. */
  end(reasonCode: ReasonCode): void {
    if (this.#ended) return;
    this.#ended = true;
    const told = this.#checks.findLast(({ check }) => check === 'response' || check === 'upstream');
    if (this.#hidden && told) told.hiddenText = this.#hidden;
    const record: CallRecord = {
      ...this.#facts,
      unknownName: this.#unknownName,
      outcome: getOutcome(reasonCode),
      reasonCode,
      checks: this.#checks,
      arguments: this.#arguments,
      result: this.#result,
      durationMs: this.#durationMs ?? this.#getElapsedMs(),
      upstreamMs: this.#upstreamMs,
    };
    this.#deps.journal.finish(record);
  }

  /** Some checks are made twice, as the key's, or end later than they began, as the pin's: what is known last counts. */
  #settle(result: CheckResult): void {
    const checks = this.#checks;
    for (let at = 0; at < checks.length; at += 1) {
      if (checks[at]?.check !== result.check) continue;
      checks[at] = result;
      return;
    }
    checks.push(result);
  }

  /** Milliseconds since the request came. */
  #getElapsedMs(): number {
    return this.#deps.readClock() - this.#startedAt;
  }
}

const METHODS = RecordedMethod.options;

const MOST_REFERENCES = 600;

/** The references, never a value; as many of them as a receipt holds. */
function getCredentialReference({ transport }: SnapshotServer): string | null {
  if (transport.kind === 'stdio') return null;
  const references = listCredentials(transport.credential).map(({ reference }) => reference);
  while (references.join(', ').length > MOST_REFERENCES) references.pop();
  return references.length === 0 ? null : references.join(', ');
}

/** The schema of arguments that are all texts. */
function buildTextSchema(fields: readonly { name: string }[]): JsonObject {
  return { type: 'object', properties: Object.fromEntries(fields.map(({ name }) => [name, { type: 'string' }])) };
}
