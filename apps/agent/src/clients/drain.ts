import { setTimeout as delay } from 'node:timers/promises';

import type { HttpListener } from '../http/listener.ts';
import type { OpenWork } from './open-work.ts';

export interface DrainTimes {
  /** milliseconds for which /readyz says that the agent is going away while it still takes everything */
  noticeMs: number;
  /** milliseconds for calls under way after that */
  graceMs: number;
}

export const DEFAULT_DRAIN: DrainTimes = { noticeMs: 0, graceMs: 10_000 };

export interface Draining {
  work: OpenWork;
  endpoints: readonly { close(): void }[];
  listener: HttpListener;
}

/** Lets calls under way end within the grace, refuses new ones with 503, tells streams to end. Resolves when no connection is open. */
export async function drain({ work, endpoints, listener }: Draining, { noticeMs, graceMs }: DrainTimes): Promise<void> {
  await delay(noticeMs);
  work.beginClosing();
  await work.finishCalls(graceMs);
  for (const endpoint of endpoints) endpoint.close();
  await work.finishStreams();
  await listener.close();
}
