import { MANY, type Signal, type Signals } from '@gatehouse/services/signals/signals';

import type { LinkRegistry } from '../link/registry.ts';

/** Turns signals into wakes of the links that they may concern. Returns what ends it. A lost signal is made good by each link's timer. */
export function subscribeWakes(signals: Signals, links: LinkRegistry): () => void {
  return signals.subscribe({}, (signal) => wake(links, signal));
}

function wake(links: LinkRegistry, { tenantId, kind, id }: Signal): void {
  const concerned = links.ofTenant(tenantId);
  switch (kind) {
    case 'agent':
      return concerned.filter(({ agentId }) => id === MANY || id === agentId).forEach(({ loop }) => loop.wake(['standing']));
    case 'site':
      return concerned.filter(({ siteId }) => id === MANY || id === siteId).forEach(({ loop }) => loop.wake(['config']));
    case 'discovery':
      return concerned.forEach(({ loop }) => loop.wake(['discovery']));
    case 'join_token':
    case 'server':
    case 'review':
    case 'profile':
    case 'client_key':
    case 'member':
    case 'receipt':
    case 'session':
      return;
  }
}
