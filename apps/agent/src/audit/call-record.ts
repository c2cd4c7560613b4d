import type { CheckResult, Outcome, ReasonCode } from '@gatehouse/policy/decision';
import type { Risk } from '@gatehouse/policy/documents/definition';
import type { RecordedKind, RecordedMethod } from '@gatehouse/protocol/receipt';

/** What is known about a call before it goes upstream. Holds no argument and no result: an intent on disk is exactly this. */
export interface CallFacts {
  /** uuid; becomes the receipt's id */
  callId: string;
  /** start of the call by the agent's clock, ISO 8601 with Z */
  eventAt: string;
  configVersion: number;
  personId: string | null;
  keyId: string | null;
  sessionId: string | null;
  clientName: string | null;
  clientVersion: string | null;
  protocolVersion: string | null;
  profileId: string | null;
  profileVersion: number | null;
  serverId: string | null;
  /**
   * What was asked. Where it could not be read from the body, because the caller was refused before or the body is broken, this is the method
   * that the headers name; null when they name none of MCP.
   */
  method: RecordedMethod | null;
  /** of the entry that is called; null while it is not known */
  kind: RecordedKind | null;
  /** the server's own name of the tool or prompt; of a resource its address or, read through a template, the template */
  name: string | null;
  advertisedName: string | null;
  pin: string | null;
  risk: Risk | null;
  /** the reference that is used (`env:ORDERS_TOKEN`), never a value */
  credential: string | null;
}

/** A raw value with what is needed to record its shape. It never leaves the process in this form. */
export interface RawValue {
  value: unknown;
  /** JSON Schema that declares the fields; null: every key is undeclared */
  schema: Record<string, unknown> | null;
  /** JSON Pointers marked "log value" at review */
  marked: readonly string[];
}

/** Everything about a finished call. audit/record.ts turns it into a receipt; redaction happens there, before anything is written. */
export interface CallRecord extends CallFacts {
  /** what the client asked for, when the profile has no such tool, prompt or resource: only its fingerprint leaves */
  unknownName: string | null;
  outcome: Outcome;
  reasonCode: ReasonCode;
  checks: CheckResult[];
  arguments: RawValue | null;
  /** the result as the upstream sent it, in the form of its method */
  result: RawValue | null;
  durationMs: number;
  upstreamMs: number | null;
}
