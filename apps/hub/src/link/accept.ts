import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import { toNetwork, toOrigin } from '@gatehouse/process/origin';
import { chooseProtocol, PROTOCOL_HEADER } from '@gatehouse/protocol/features';
import { CloseCode, LINK_PATH, MAX_AGENT_FRAME_BYTES } from '@gatehouse/protocol/messages';
import type { Runtime } from '@gatehouse/services/runtime';

import type { HubMetrics } from '../metrics.ts';
import { AgentLink, type AgentService } from './agent-link.ts';
import { AgentSocket } from './agent-socket.ts';
import { challengePeer } from './challenge-peer.ts';
import type { LinkLimits } from './limits.ts';
import type { LinkRegistry } from './registry.ts';

export interface AcceptDeps {
  runtime: Runtime;
  links: LinkRegistry;
  limits: LinkLimits;
  metrics: HubMetrics;
  audience: string;
  serve: (link: AgentLink) => AgentService;
  /** of whoever dials */
  readAddress: (request: IncomingMessage) => string;
}

export interface Acceptor {
  /** For the `upgrade` event of the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes no more connections; settles when the handshakes that were under way have ended. */
  stop(): Promise<void>;
}

/** Turns upgrades into links, a bounded number of handshakes at a time, of each address, of each network and of all. */
export function createAcceptor(deps: AcceptDeps): Acceptor {
  const { limits, metrics, runtime } = deps;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_AGENT_FRAME_BYTES,
    perMessageDeflate: false,
  });
  const handshakes = new Map<AgentSocket, Dialler & { ended: Promise<void> }>();
  let stopped = false;

  async function welcome(socket: AgentSocket, raw: Duplex, protocol: number): Promise<void> {
    const unguard = limitBytes(raw, limits.handshakeBytes, () => socket.terminate());
    try {
      const proven = await challengePeer(socket, { ...deps, handshakeMs: limits.handshakeMs, protocol });
      metrics.countHandshake(proven ? 'welcomed' : 'refused');
      if (!proven) return;
      const isFull = deps.links.countForTenant(proven.ctx.tenantId) >= limits.maxLinksPerTenant;
      const link = new AgentLink(socket, proven, deps);
      deps.links.add(link);
      if (isFull) return link.refuseSurplus();
      link.log.info('agent connected');
    } catch (error) {
      runtime.log.error({ err: error }, 'handshake failed');
      socket.terminate();
    } finally {
      unguard();
      handshakes.delete(socket);
    }
  }

  return {
    upgrade(request, raw, head) {
      raw.on('error', (error) => runtime.log.debug({ err: error }, 'connection broke during the upgrade'));
      if (request.url !== LINK_PATH) return refuse(raw, '404 Not Found');
      const address = deps.readAddress(request);
      const dialler = { origin: toOrigin(address), network: toNetwork(address) };
      if (stopped || isOverloaded([...handshakes.values()], dialler, limits)) {
        metrics.countHandshake('overloaded');
        return refuse(raw, '503 Service Unavailable');
      }
      server.handleUpgrade(request, raw, head, (ws) => {
        const socket = new AgentSocket(ws, runtime.log);
        const ended = welcome(socket, raw, chooseProtocol(request.headers[PROTOCOL_HEADER]));
        handshakes.set(socket, { ...dialler, ended });
      });
    },
    async stop() {
      stopped = true;
      for (const socket of handshakes.keys()) socket.close(CloseCode.restarting);
      await Promise.all([...handshakes.values()].map(({ ended }) => ended));
    },
  };
}

/** Where whoever dials comes from, as limits count it. */
interface Dialler {
  origin: string;
  network: string;
}

/** Whether whoever dials has to come back. */
function isOverloaded(running: readonly Dialler[], { origin, network }: Dialler, limits: LinkLimits): boolean {
  return (
    running.length >= limits.maxHandshakes ||
    running.filter((each) => each.origin === origin).length >= limits.maxHandshakesPerAddress ||
    running.filter((each) => each.network === network).length >= limits.maxHandshakesPerNetwork
  );
}

/** Whoever has not proved anything yet cannot make the hub hold a large frame. Returns what ends the watch. */
function limitBytes(raw: Duplex, limit: number, onExceeded: () => void): () => void {
  let seen = 0;
  const count = (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > limit) onExceeded();
  };
  raw.on('data', count);
  return () => void raw.off('data', count);
}

/** Node watches a socket no more once it asked for an upgrade: one whose peer never ends its side would stay. */
function refuse(raw: Duplex, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n`;
  raw.end(answer, () => raw.destroy());
}
