import { randomUUID } from 'node:crypto';

import type { CompiledProfile, CompiledTool } from '@gatehouse/policy/compile';
import type { CheckName, CheckResult, ReasonCode } from '@gatehouse/policy/decision';
import { outcomeOf } from '@gatehouse/policy/outcome';

import type { CallFacts, CallRecord, RawValue } from '../audit/call-record.ts';
import type { CallJournal } from '../audit/journal.ts';

export interface TrailDeps {
  journal: CallJournal;
  now(): Date;
  /** monotonic, milliseconds */
  clock(): number;
}

/**
 * What is known about one request, gathered from its first byte on, so that whatever happens to it leaves exactly one receipt. A request
 * that turns out to be no call is dropped without one.
 */
export class CallTrail {
  readonly facts: CallFacts;
  /** what the client asked for, while it is no tool of the profile */
  unknownTool: string | null = null;
  arguments: RawValue | null = null;
  result: RawValue | null = null;
  upstreamMs: number | null = null;
  readonly #deps: TrailDeps;
  readonly #startedAt: number;
  readonly #checks: CheckResult[] = [];
  #ended = false;

  constructor(deps: TrailDeps, configVersion: number) {
    this.#deps = deps;
    this.#startedAt = deps.clock();
    this.facts = {
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
      toolName: null,
      advertisedName: null,
      pin: null,
      risk: null,
      credential: null,
    };
  }

  knowProfile({ profile }: CompiledProfile): void {
    this.facts.profileId = profile.id;
    this.facts.profileVersion = profile.version;
  }

  knowTool({ tool, server }: CompiledTool, args: Record<string, unknown>): void {
    const { facts } = this;
    facts.serverId = server.id;
    facts.toolName = tool.toolName;
    facts.advertisedName = tool.advertisedName;
    facts.pin = tool.pin;
    facts.risk = tool.risk;
    facts.credential = server.transport.kind === 'http' ? (server.transport.credential?.reference ?? null) : null;
    this.unknownTool = null;
    this.arguments = { value: args, schema: tool.definition.inputSchema, marked: tool.logArguments };
  }

  pass(check: CheckName): void {
    this.#checks.push({ check, result: 'pass' });
  }

  skip(check: CheckName): void {
    this.#checks.push({ check, result: 'skip' });
  }

  fail(check: CheckName, code: ReasonCode): void {
    // a check that passed on what was known then and fails on what is known now has failed
    const earlier = this.#checks.findIndex((made) => made.check === check);
    if (earlier === -1) this.#checks.push({ check, result: 'fail', code });
    else this.#checks[earlier] = { check, result: 'fail', code };
  }

  add(checks: readonly CheckResult[]): void {
    this.#checks.push(...checks);
  }

  /** Milliseconds since the request came. */
  elapsed(): number {
    return this.#deps.clock() - this.#startedAt;
  }

  /** Writes the receipt. The first end counts; a request has only one. */
  end(reasonCode: ReasonCode): void {
    if (this.#ended) return;
    this.#ended = true;
    const record: CallRecord = {
      ...this.facts,
      unknownTool: this.unknownTool,
      outcome: outcomeOf(reasonCode),
      reasonCode,
      checks: this.#checks,
      arguments: this.arguments,
      result: this.result,
      durationMs: this.elapsed(),
      upstreamMs: this.upstreamMs,
    };
    this.#deps.journal.finish(record);
  }
}
