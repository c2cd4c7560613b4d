import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Registry } from 'prom-client';

import type { AgentStatus } from './readiness.ts';

/**
 * Answers an operations request and returns true; false leaves the request to others. `scope` probes: the request did not name this agent,
 * as those of an orchestrator, which asks by address; it is told whether the agent lives and is ready, and nothing else.
 */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse, scope: 'all' | 'probes') => boolean;

export interface OpsSources {
  registry: Registry;
  version: string;
  status: () => AgentStatus;
}

/** GET /healthz, /readyz, /metrics and /version. No value of a call and no credential is in them: they are as open as the listener. */
export function createOpsHandler({ registry, version, status }: OpsSources): OpsHandler {
  return (request, response, scope) => {
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (scope === 'probes' && path !== '/healthz' && path !== '/readyz') return false;
    switch (path) {
      case '/healthz':
        answerJson(response, 200, { status: 'ok' });
        return true;
      case '/readyz': {
        const now = status();
        const ready = now.status === 'ok' || now.status === 'degraded';
        answerJson(response, ready ? 200 : 503, scope === 'all' ? now : { status: now.status });
        return true;
      }
      case '/version':
        answerJson(response, 200, { name: 'gatehouse-agent', version, node: process.version });
        return true;
      case '/metrics':
        registry.metrics().then(
          (text) => response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text),
          () => response.writeHead(500).end(),
        );
        return true;
      default:
        return false;
    }
  };
}

function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}
