'use client';

import { createContext, use, useSyncExternalStore, type ReactNode } from 'react';

import { getBrowserZone, isKnownZone, UTC } from './zone.ts';

const ChosenZoneContext = createContext<string | null>(null);

/** Everything below shows times in this zone; null: in the browser's. */
export function TimeZoneProvider({ zone, children }: { zone: string | null; children: ReactNode }) {
  return <ChosenZoneContext value={zone}>{children}</ChosenZoneContext>;
}

/** A zone does not change under an open page. */
const subscribeToNothing = () => () => undefined;

/**
 * The zone in which the reader reads times (IANA name): the one that was chosen, else the browser's. Null while rendering on the server without a choice: the
 * browser's is not known there, and a browser that takes over such a page first writes what the server wrote.
 */
export function useTimeZone(): string | null {
  const chosen = use(ChosenZoneContext);
  const getZone = (): string => (chosen === null ? getBrowserZone() : isKnownZone(chosen) ? chosen : UTC);
  return useSyncExternalStore<string | null>(subscribeToNothing, getZone, () => chosen);
}
