import { evaluate } from '@gatehouse/policy/evaluate';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { CurrentConfig } from '../../config/current.ts';
import type { EndpointDeps } from '../endpoint.ts';
import { METHOD, NOTIFICATION, RpcCode } from '../../wire/protocol.ts';
import type { Session } from './session.ts';
import type { RpcAnswer } from '../../wire/json-rpc.ts';

/** The server of a resource that this profile lets read, by the decision that reading it meets; null when it does not. */
export function serverOfResource(current: CurrentConfig, profileSlug: string, uri: string): SnapshotServer | null {
  const config = current.get();
  const decision = config && evaluate(config.compiled, { profileSlug, method: METHOD.readResource, uri });
  return decision?.kind === 'allow' ? decision.target.server : null;
}

/** Watches a resource for a session. Rejects with UpstreamFailure. */
export async function subscribe(
  { current }: EndpointDeps,
  session: Session,
  profileSlug: string,
  uri: string,
  signal: AbortSignal,
): Promise<RpcAnswer> {
  const server = serverOfResource(current, profileSlug, uri);
  if (!server) return { error: { code: RpcCode.resourceNotFound, message: 'Resource not found', data: { uri } } };
  return session.watches.add(server, uri, signal);
}

/** Servers that the session meets later are told the level when they are. Rejects with UpstreamFailure. */
export async function setLogLevel(
  deps: EndpointDeps,
  session: Session,
  servers: readonly SnapshotServer[],
  level: string,
  signal: AbortSignal,
): Promise<RpcAnswer> {
  session.setLogLevel(level);
  const used = servers.filter(({ id, features }) => features.logging && session.usedServerIds.has(id));
  const answers = await Promise.all(
    used.map(async (server): Promise<RpcAnswer> => {
      const conversation = await deps.upstreams.of(server).open(session.upstreamClient, signal);
      return conversation.request({ method: METHOD.setLogLevel, params: { level }, signal });
    }),
  );
  return answers.find((answer) => 'error' in answer) ?? { result: {} };
}

/** The client's folders have changed: its servers may ask again. */
export function tellRootsChanged({ upstreams, current }: EndpointDeps, session: Session): void {
  const servers = current.get()?.compiled.serversById;
  for (const serverId of session.usedServerIds) {
    const server = servers?.get(serverId);
    if (!server) continue;
    tell(server).catch(session.onLost);
  }

  async function tell(server: SnapshotServer): Promise<void> {
    const conversation = await upstreams.of(server).open(session.upstreamClient, AbortSignal.timeout(TELL_MS));
    if (conversation.era === 'legacy') await conversation.notify(NOTIFICATION.rootsChanged);
  }
}

const TELL_MS = 30_000;
