import { readFileSync } from 'node:fs';

import { Agent } from 'undici';
import * as z from 'zod';

import { ServerHealth } from '@gatehouse/protocol/messages';

import { parseJson } from '../state/parse-json.ts';
import { readState, writeState, type StateDir } from '../state/state-dir.ts';
import type { AgentStatus } from './readiness.ts';

/** What a running agent leaves in its state directory: where it listens, and with which certificate file. */
const Runtime = z.object({
  pid: z.int().positive(),
  url: z.url({ protocol: /^https?$/ }),
  certFile: z.string().nullable(),
});

/** Writes down where this process listens. Durable when it resolves. */
export function writeRuntime(dir: StateDir, address: { url: string; certFile: string | null }): Promise<void> {
  const runtime: z.infer<typeof Runtime> = { pid: process.pid, ...address };
  return writeState(dir, dir.runtime, JSON.stringify(runtime));
}

/** Exit codes of `gatehouse-agent status`. */
export const STATUS_EXIT: Record<AgentStatus['status'], number> = { ok: 0, degraded: 3, draining: 3, offline: 4 };

const TIMEOUT_MS = 3_000;

/** Asks the agent that runs on this state directory; null when none answers. `runtimeFile`: where it wrote its address. */
export async function askRunningAgent(runtimeFile: string): Promise<AgentStatus | null> {
  const runtime = parseJson(readState(runtimeFile) ?? '', Runtime);
  if (!runtime) return null;
  const dispatcher = new Agent({ connect: { timeout: TIMEOUT_MS, ...trustOwnCertificate(runtime.certFile) } });
  try {
    const { origin } = new URL(runtime.url);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { body } = await dispatcher.request({ origin, path: '/readyz', method: 'GET', signal });
    return AgentStatusShape.parse(await body.json());
  } catch {
    return null;
  } finally {
    await dispatcher.destroy();
  }
}

/**
 * On this machine the agent shows the certificate of its public name, often from an authority that this command does not know. The one in its
 * own file is the proof that it is this agent.
 */
function trustOwnCertificate(certFile: string | null) {
  if (certFile === null) return {};
  try {
    return { ca: readFileSync(certFile, 'utf8'), allowPartialTrustChain: true, checkServerIdentity: () => undefined };
  } catch {
    return {};
  }
}

const AgentStatusShape: z.ZodType<AgentStatus> = z.object({
  status: z.enum(['ok', 'degraded', 'draining', 'offline']),
  agent: z.object({ name: z.string(), site: z.string(), tenant: z.string(), version: z.string() }),
  control: z.object({
    phase: z.enum(['waiting', 'connecting', 'connected', 'stopped']),
    since: z.string(),
    error: z.string().nullable(),
    clockSkewMs: z.number().nullable(),
    url: z.string(),
  }),
  config: z.object({ version: z.number(), notAfter: z.string().nullable(), refusal: z.string().nullable() }),
  audit: z.object({
    bufferedReceipts: z.number(),
    lostReceipts: z.number(),
    refusedReceipts: z.number(),
    error: z.string().nullable(),
  }),
  servers: z.array(
    z.object({
      slug: z.string(),
      state: ServerHealth.shape.state,
      withheld: z.enum(['guardrail', 'credential', 'sandbox', 'invalid']).nullable(),
      error: z.string().nullable(),
    }),
  ),
  profiles: z.array(z.object({ slug: z.string(), url: z.string() })),
  tls: z.object({ notAfter: z.string(), error: z.string().nullable() }).nullable(),
});
