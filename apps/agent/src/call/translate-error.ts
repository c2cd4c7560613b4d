import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { ASK_ADMIN } from '../config/ask-admin.ts';
import type { RpcError } from '../wire/json-rpc.ts';
import { keepText } from '../wire/json-text.ts';
import { RpcCode, type Era } from '../wire/protocol.ts';

/** The client that an error of a server goes to. */
export interface ErrorReader {
  era: Era;
  /** as the client itself declared them */
  capabilities: JsonObject;
}

/** What the client gets: the server's error as it is, or a sentence when the error is about the agent's own connection. */
export type TranslatedError = { error: RpcError } | { agentFailed: string };

/**
 * A client gets the errors that it would get from the server itself: code, message and data. Errors about the connection between agent and
 * server are not passed on, and a code that the client's protocol does not have is replaced by the one that it has.
 */
export function translateError(error: RpcError, reader: ErrorReader): TranslatedError {
  switch (error.code) {
    case RpcCode.headerMismatch:
    case RpcCode.unsupportedVersion:
      return {
        agentFailed: `The server refused the way in which the agent asked. ${ASK_ADMIN}`,
      };
    case RpcCode.refused:
    case RpcCode.sessionNotFound:
      return /session|initiali[sz]e/i.test(error.message)
        ? { agentFailed: 'The server has ended its session with the agent. Try again.' }
        : { error };
    case RpcCode.missingCapability:
      return translateMissingCapability(error, reader);
    case RpcCode.resourceNotFound:
      return { error: reader.era === 'modern' ? withCode(error, RpcCode.invalidParams) : error };
    case RpcCode.urlElicitationRequired:
      return { error: reader.era === 'modern' ? withCode(error, RpcCode.internal) : error };
    default:
      return { error };
  }
}

function withCode(error: RpcError, code: number): RpcError {
  return keepText({ ...error, code }, error);
}

/** The error concerns the client if it did not declare what is missing; if it did, the agent could not pass that on. */
function translateMissingCapability({ data }: RpcError, { era, capabilities }: ErrorReader): TranslatedError {
  const required = isJsonObject(data) && isJsonObject(data['requiredCapabilities']) ? data['requiredCapabilities'] : {};
  const missing = Object.keys(required).filter((name) => !Object.hasOwn(capabilities, name));
  if (missing.length === 0) return { agentFailed: 'The server needs an ability of the client that the agent cannot pass on.' };
  if (era === 'legacy') {
    return { agentFailed: `The server needs abilities that this client did not declare: ${formatSome(missing)}.` };
  }
  const requiredCapabilities = Object.fromEntries(missing.map((name) => [name, required[name]]));
  return {
    error: { code: RpcCode.missingCapability, message: 'Missing required client capability', data: { requiredCapabilities } },
  };
}
