import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotEntryOf } from '@gatehouse/policy/documents/profile';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { toApprovedEntry } from '../call/approved-entry.ts';
import type { McpRequest } from '../upstream/client/connection.ts';
import type { Conversation } from '../upstream/conversation.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';
import { keepText, rememberMembers } from '../wire/json-text.ts';
import { pickCallerMeta } from '../wire/meta.ts';
import { METHOD } from '../wire/protocol.ts';

/** Which server completes an argument of which entry, and the request in its own words. */
export interface Completion {
  server: SnapshotServer;
  entry: SnapshotEntryOf<'prompt' | 'resource' | 'template'>;
  params: JsonObject;
}

/** Reads `params` of completion/complete; null when they name nothing of this profile. */
export function readCompletion(profile: CompiledProfile, params: JsonObject): Completion | null {
  rememberMembers(params, ['ref', 'context']);
  const { ref, argument, context } = params;
  if (!isJsonObject(ref) || !isJsonObject(argument)) return null;
  const { name, value } = argument;
  if (typeof name !== 'string' || typeof value !== 'string') return null;
  const own = { argument: { name, value }, ...(isJsonObject(context) && { context }), _meta: pickCallerMeta(params) };
  if (ref['type'] === 'ref/prompt' && typeof ref['name'] === 'string') {
    const found = profile.prompts.get(ref['name']);
    return found ? { ...found, params: { ...own, ref: keepText({ ...ref, name: found.entry.name }, ref) } } : null;
  }
  if (ref['type'] !== 'ref/resource') return null;
  const { uri } = ref;
  const found =
    profile.templates.find(({ entry }) => entry.name === uri) ??
    (typeof uri === 'string' ? profile.resources.get(uri) : undefined);
  return found ? { ...found, params: { ...own, ref } } : null;
}

/**
 * The suggestions of the server, over a conversation that `open` brings. One that completes nothing suggests nothing: the profile may have
 * been declared to complete for another server's sake, or before this one stopped. Rejects with UpstreamFailure or its cause.
 */
export async function requestCompletion(
  { server, entry, params }: Completion,
  open: (server: SnapshotServer) => Promise<Conversation>,
  options: Pick<McpRequest, 'signal' | 'onMessage'>,
): Promise<RpcAnswer> {
  if (!server.features.completions) return { result: { completion: { values: [] } } };
  return (await open(server)).request({ method: METHOD.complete, params, approved: toApprovedEntry({ entry }), ...options });
}
