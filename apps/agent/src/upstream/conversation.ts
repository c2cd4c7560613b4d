import type { EntryDefinition } from '@gatehouse/policy/documents/catalogue-entry';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcAnswer, RpcId, ServerMessage } from '../wire/json-rpc.ts';
import type { Era } from '../wire/protocol.ts';
import type { ClientFacts, McpRequest } from './client/connection.ts';
import type { ListedKind } from './client/list-pages.ts';
import type { Freshness } from './client/live-list.ts';
import type { UpstreamFailure } from './failure.ts';

/** For whom an upstream is used. Clients with different affinities never share a connection to a server that keeps state. */
export interface UpstreamClient {
  /** the key that it showed */
  keyId: string;
  /**
   * `session:<id>` in the older protocol; `key:<keyId>:<profileId>:<client name>` in the newer one, which has no sessions
   */
  affinity: string;
  /** Tells apart what a client of the newer protocol declares from request to request: a server of the older one is told that once, at its beginning. '' otherwise. */
  declared: string;
  /** of the protocol that it speaks: before a server that speaks both, it is put through to that side */
  era: Era;
  facts: ClientFacts;
  /** the log level that this client asked for; null: it wants no log messages */
  getLogLevel(): string | null;
  /**
   * A message of the server that belongs to no request under way: a list or a resource has changed, a log message, or a question. `answer` is
   * null for notifications.
   */
  onMessage(serverId: string, message: ServerMessage, answer: ((answer: RpcAnswer) => void) | null): void;
}

/** What became of a call while it was held. */
export type HeldOutcome = { answer: RpcAnswer } | { error: unknown };

/** A call that is under way at its server while its client is asked in a result, as whoever made it sees it. */
export interface HeldHandle {
  /** the `requestState` with which the client goes on */
  readonly state: string;
  /** Takes the call for the request that goes on with it. Returns the state that has to be sent in place of the client's, which nobody else knows. */
  take(): string;
  /** Ends the call, which was not gone on with. Nothing happens when it was. */
  end(failure: UpstreamFailure): void;
}

/** Told when a call begins to be held. What it returns is told once what became of it, unless it was taken. */
export type OnHeld = (held: HeldHandle) => (outcome: HeldOutcome) => void;

/** How sure it has to be that the server still defines what was approved, and who wants to know. */
export interface Confirmation {
  /** `write`: whatever may change something */
  freshness: Freshness;
  /** Told before the request is sent: how long ago the server listed it so, milliseconds; null: it lists nothing, the definition was made here. */
  onConfirmed?: (listedMsAgo: number | null) => void;
  /** left out: nobody wants to know what becomes of a call whose client does not come back */
  onHeld?: OnHeld;
}

/** An entry that a request is about, as it was approved. The request is sent only while the server defines it so. */
export interface ApprovedEntry extends Confirmation {
  kind: ListedKind;
  name: string;
  pin: string;
  definition: EntryDefinition;
  /** JSON Pointers of texts that its approval ignores */
  ignored?: readonly string[] | undefined;
  /** steady pins of other approved texts of it, which differ in words alone */
  alike?: readonly string[] | undefined;
}

/** A request other than `tools/call`. */
export interface ConversationRequest extends McpRequest {
  /** left out: it is about nothing that is approved */
  approved?: ApprovedEntry;
}

/** One `tools/call` as it is sent on: already decided, under the server's own name of the tool. */
export interface ToolCall extends Confirmation {
  /** the approved definition */
  definition: ToolDefinition;
  pin: string;
  /** JSON Pointers of texts that its approval ignores */
  ignored?: readonly string[] | undefined;
  /** steady pins of other approved texts of it, which differ in words alone */
  alike?: readonly string[] | undefined;
  /** exactly the arguments that the decision was made on */
  arguments: JsonObject | undefined;
  /** the caller's `_meta` without keys of the protocol itself: progress token, trace context, keys of extensions */
  meta: JsonObject;
  /** the answers to an `input_required` result, when this call repeats one */
  retry?: { inputResponses?: JsonObject; requestState?: string };
  signal: AbortSignal;
  onMessage?: (message: ServerMessage) => void;
  waitForReader?: McpRequest['waitForReader'];
  onNoRoom?: McpRequest['onNoRoom'];
}

/** What one client can do with one upstream, whatever kind of server that is. */
export interface Conversation {
  readonly era: 'legacy' | 'modern';
  readonly capabilities: JsonObject;
  /**
   * Resolves with the server's answer, an error included. Rejects with UpstreamFailure; with `tool_not_approved` when the server's
   * definition of the tool is not the approved one at this moment.
   */
  callTool(call: ToolCall): Promise<RpcAnswer>;
  /**
   * Any other request; rejects with `tool_not_approved` as above when it is about an entry. `params._meta` holds the caller's own keys only; those of the protocol are added here. `resources/subscribe`,
   * `resources/unsubscribe` and `logging/setLevel` may be asked in either era: where the server has no such request, they are carried out in
   * its way.
   */
  request(request: ConversationRequest): Promise<RpcAnswer>;
  notify(method: string, params?: JsonObject): Promise<void>;
  /** Answers a request that the server sent while one of ours was under way. */
  answer(id: RpcId, answer: RpcAnswer): Promise<void>;
}
