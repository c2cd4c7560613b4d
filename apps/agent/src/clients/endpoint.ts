import type { IncomingMessage, ServerResponse } from 'node:http';

import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';

import type { Caller } from '../call/client-key.ts';
import type { CallDeps } from '../call/handle-call.ts';
import type { CallTrail } from '../call/trail.ts';
import type { Hold } from '../http/in-flight.ts';
import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import type { ClientMessage } from '../wire/json-rpc.ts';
import type { BatchReply } from './batch-reply.ts';
import type { FindStopReason, OpenWork } from './open-work.ts';

/** What both eras of the protocol need to answer a request. */
export interface EndpointDeps extends CallDeps {
  scrub: CredentialScrub;
  work: OpenWork;
  agentVersion: string;
}

/** An HTTP request whose sender is known, and what will become its receipt if it is a call. */
export interface AdmittedRequest {
  request: IncomingMessage;
  response: ServerResponse;
  caller: Caller;
  trail: CallTrail;
  /** of its body and answer; none while the body is not read */
  hold?: Hold;
  /** one of several messages that came in one body: gets its answer */
  batch?: BatchReply;
}

/** Serves the clients of one era of the protocol. */
export interface EraEndpoint<Message extends ClientMessage = ClientMessage> {
  /** Answers the POST that carried this message. */
  handlePost(admitted: AdmittedRequest, message: Message): Promise<void> | void;
  /** After a change of the configuration: ends what is no longer allowed, and tells clients whose lists have changed. */
  review(compiled: CompiledConfig, findReason: FindStopReason): void;
  /** Ends every stream and session. */
  close(): void;
}
