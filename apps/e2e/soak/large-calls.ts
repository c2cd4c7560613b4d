import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import type { LargeEnd } from './large-site.ts';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'soak', version: '0' },
};

function buildHeaders({ secret }: LargeEnd) {
  return {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
  };
}

function buildBody(text: string, ms: number): string {
  const params = { name: 'echo', arguments: { text, ms }, _meta: META };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
}

/** How a large call ended: as it should, with an error of its server that the answer tells, refused for want of room, or with `problem`. */
export type LargeEnding = 'ok' | 'upstream' | 'busy' | { problem: string };

/**
 * One call of the newer revision with a text that its server echoes after `ms`; the answer is read with a pause of `pauseMs` after each part. Rejects when
 * the agent cannot be reached.
 */
export async function callEcho(end: LargeEnd, text: string, ms = 0, pauseMs = 0): Promise<LargeEnding> {
  const response = await fetch(end.url, { method: 'POST', headers: buildHeaders(end), body: buildBody(text, ms) });
  const answer = pauseMs === 0 ? await response.text() : await readSlowly(response, pauseMs);
  if (response.status === 503 && response.headers.has('retry-after')) return 'busy';
  if (response.status === 200 && answer.includes('"isError":true')) return 'upstream';
  if (response.status === 200 && answer.includes(text)) return 'ok';
  return { problem: `HTTP ${response.status}: ${answer.slice(0, 200)}` };
}

async function readSlowly({ body }: Response, pauseMs: number): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) {
    parts.push(part);
    await delay(pauseMs);
  }
  return Buffer.concat(parts).toString();
}

/** Sends a call and reads nothing of its answer, until the agent closes the connection or `signal`. */
export async function ignoreAnswer(end: LargeEnd, text: string, signal: AbortSignal): Promise<void> {
  const { hostname, port, pathname, host } = new URL(end.url);
  const body = buildBody(text, 0);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.pause();
  const headers = Object.entries({ ...buildHeaders(end), host, 'content-length': String(body.length) });
  socket.write(`POST ${pathname} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
    // a paused socket does not hear of its end: two looks after the time after which the agent closes it
    setTimeout(resolve, STARE_MS).unref();
  });
  socket.destroy();
}
const STARE_MS = 25_000;

/** After each part of an answer, for a client that is slow and reads all the same. */
const SLOW_PAUSE_MS = 200;

/** How the large calls of a soak ended. */
export class LargeCounts {
  ok = 0;
  upstream = 0;
  busy = 0;
  stared = 0;
  /** of the calls that went well, those whose answer was read slowly */
  slow = 0;
  readonly problems: string[] = [];

  describe(): string {
    return `1 MB: ${this.ok} calls, ${this.slow} of them read slowly, ${this.upstream} failed by their server, ${this.busy} told to come back, ${this.stared} not read, ${this.problems.length} problems`;
  }
}

/** Makes large calls one after the other until `signal`, each from another kind of client or to another kind of server. Never rejects. */
export async function keepCallingLarge(
  { steady, dying }: { steady: LargeEnd; dying: LargeEnd },
  { counts, pauseMs, signal }: { counts: LargeCounts; pauseMs: number; signal: AbortSignal },
): Promise<void> {
  const text = 'lorem ipsum '.repeat(87_000);
  for (let turn = 0; !signal.aborted; turn += 1) {
    try {
      if (turn % 8 === 7) {
        await ignoreAnswer(steady, text, signal);
        counts.stared += 1;
      } else {
        const isDying = turn % 2 === 1;
        const isSlow = turn % 8 === 4;
        const ending = await callEcho(isDying ? dying : steady, text, 50, isSlow ? SLOW_PAUSE_MS : 0);
        if (isSlow && ending === 'ok') counts.slow += 1;
        if (typeof ending === 'object') counts.problems.push(ending.problem);
        else if (ending === 'upstream' && !isDying) counts.problems.push('a server that was well is said to have failed');
        else counts[ending] += 1;
      }
    } catch (error) {
      counts.problems.push(String(error).slice(0, 300));
    }
    await delay(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
  }
}
