import { z } from 'zod';

import { parseJson } from '../identity/parse-json.ts';
import { readState } from '../identity/state-dir.ts';
import type { AgentStatus } from './readiness.ts';

const Runtime = z.object({ pid: z.int().positive(), url: z.url({ protocol: /^http$/ }) });

/** Exit codes of `gatehouse-agent status`. */
export const STATUS_EXIT: Record<AgentStatus['status'], number> = { ok: 0, degraded: 3, offline: 4 };

/** Asks the agent that runs on this state directory; null when none answers. `runtimeFile`: where it wrote its address. */
export async function askRunningAgent(runtimeFile: string): Promise<AgentStatus | null> {
  const runtime = parseJson(readState(runtimeFile) ?? '', Runtime);
  if (!runtime) return null;
  try {
    const response = await fetch(`${runtime.url}/readyz`, { signal: AbortSignal.timeout(3_000), redirect: 'error' });
    return AgentStatusShape.parse(await response.json());
  } catch {
    return null;
  }
}

const AgentStatusShape: z.ZodType<AgentStatus> = z.object({
  status: z.enum(['ok', 'degraded', 'offline']),
  agent: z.object({ name: z.string(), site: z.string(), tenant: z.string(), version: z.string() }),
  control: z.object({
    phase: z.enum(['waiting', 'connecting', 'connected', 'stopped']),
    since: z.string(),
    error: z.string().nullable(),
    clockSkewMs: z.number().nullable(),
    url: z.string(),
  }),
  config: z.object({ version: z.number(), notAfter: z.string().nullable(), refusal: z.string().nullable() }),
  audit: z.object({ bufferedReceipts: z.number(), lostReceipts: z.number(), error: z.string().nullable() }),
  servers: z.array(
    z.object({ slug: z.string(), state: z.enum(['unused', 'connected', 'unreachable']), error: z.string().nullable() }),
  ),
  profiles: z.array(z.object({ slug: z.string(), url: z.string() })),
});
