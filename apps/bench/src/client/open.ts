import type { Caller, Endpoint, Wire } from './caller.ts';
import { openHttpSse } from './http-sse.ts';
import { openLegacy, openModern } from './streamable.ts';

const OPENERS: Record<Wire, (endpoint: Endpoint) => Promise<Caller>> = {
  legacy: openLegacy,
  modern: openModern,
  sse: openHttpSse,
};

/** Opens `count` clients, each with a connection of its own. Rejects when one cannot be opened; none is left open then. */
export async function openCallers(endpoint: Endpoint, wire: Wire, count: number): Promise<Caller[]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, () => OPENERS[wire](endpoint)));
  const callers = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opened.find((each) => each.status === 'rejected');
  if (!failed) return callers;
  await Promise.all(callers.map((caller) => caller.close()));
  throw failed.reason;
}
