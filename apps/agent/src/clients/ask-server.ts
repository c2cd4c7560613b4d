import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { runToAnswer } from '../upstream/abort.ts';
import type { ConversationRequest, UpstreamClient } from '../upstream/conversation.ts';
import type { UpstreamPool } from '../upstream/pool.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';

/** A request of a client to one server that leaves no receipt, and brings nothing before its answer. */
export type ShortRequest = Omit<ConversationRequest, 'onMessage'>;

/**
 * Asks a server within its own limits, held to what the site allows: `start` until it can be used, then `answer`. Rejects with UpstreamFailure or its
 * cause; the limit that was reached is named, and where it is changed.
 */
export async function askServer(
  upstreams: Pick<UpstreamPool, 'requireUpstream' | 'timeRequest'>,
  { server, client }: { server: SnapshotServer; client: UpstreamClient },
  request: ShortRequest,
): Promise<RpcAnswer> {
  const conversation = await upstreams.requireUpstream(server).open(client, request.signal);
  const timed = upstreams.timeRequest(server, null);
  return runToAnswer(timed, request.signal, (signal, onNoRoom) => conversation.request({ ...request, signal, onNoRoom }));
}
