import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { DiscoveryOutcome } from '@gatehouse/protocol/messages';

import { withinConnectTime, type UpstreamDeps } from '../upstream/client/connect.ts';
import { createAuthorizer } from '../upstream/credentials/authorizer.ts';
import { discard } from '../upstream/http/discard.ts';

type RestTransport = Extract<SnapshotServer['transport'], { kind: 'rest' }>;

/**
 * Looks whether an HTTP API answers, whatever it answers, and whether its credential can be had. Its tools come from its description, not from
 * here. Rejects with the error of the network, SecretUnavailable or UpstreamFailure.
 */
export function lookAtApi(transport: RestTransport, deps: UpstreamDeps, signal: AbortSignal): Promise<DiscoveryOutcome> {
  return withinConnectTime(signal, async (stop) => {
    const url = new URL(transport.baseUrl);
    await createAuthorizer(transport.credential, url.origin, deps).authorize(url.origin, stop);
    // without the credential: that somebody answers is all that is asked
    const answer = await deps.outbound.request(url, { method: 'GET', headers: { accept: '*/*' }, signal: stop });
    discard(answer.body);
    return {
      status: 'succeeded',
      protocolVersion: '',
      serverInfo: { name: url.host.slice(0, 200), version: '' },
      instructions: null,
      features: { logging: false, completions: false, resourceSubscriptions: false },
      tools: [],
      prompts: [],
      resources: [],
      resourceTemplates: [],
    };
  });
}
