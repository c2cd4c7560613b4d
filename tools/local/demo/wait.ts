import { setTimeout as delay } from 'node:timers/promises';

import { LocalError } from '../settings.ts';

/** Asks until `look` returns something, 50 ms apart; a LocalError that says what was waited for after the limit. */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  limitMs = 45_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    const found = await look();
    if (found) return found;
    await delay(50);
  }
  throw new LocalError(`Waited ${limitMs / 1_000} s for ${what}. The logs are in the data folder under logs/.`);
}
