import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { DiscoveryOutcome } from '@gatehouse/protocol/messages';

import { withConnectTime } from '../outbound/outbound.ts';
import { runToStart } from '../upstream/abort.ts';
import { timeServer, type UpstreamDeps } from '../upstream/client/dialer.ts';
import { createAuthorizer } from '../upstream/credentials/authorizer.ts';

type RestTransport = Extract<SnapshotServer['transport'], { kind: 'rest' }>;
type RestServer = Pick<SnapshotServer, 'name' | 'limits'> & { transport: RestTransport };

/**
 * Checks that an HTTP API answers, whatever it answers, and that its credential can be had. Its tools come from its description, not from
 * here. Rejects with the error of the network, SecretUnavailable or UpstreamFailure.
 */
export function inspectApi(server: RestServer, deps: UpstreamDeps, signal: AbortSignal): Promise<DiscoveryOutcome> {
  const { transport } = server;
  const timed = timeServer(server, deps);
  const outbound = withConnectTime(deps.outbound, timed.limits.start.ms);
  return runToStart(timed, signal, async (stop) => {
    const url = new URL(transport.baseUrl);
    await createAuthorizer(transport.credential, url.origin, { ...deps, outbound, timed }).authorize(url.origin, stop);
    // without the credential: that somebody answers is all that is asked
    const answer = await outbound.request(url, { method: 'GET', headers: { accept: '*/*' }, signal: stop });
    answer.body.discard();
    return {
      status: 'succeeded',
      protocolVersion: '',
      serverInfo: { name: url.host, version: '' },
      features: { logging: false, completions: false, resourceSubscriptions: false },
      entries: [],
    };
  });
}
