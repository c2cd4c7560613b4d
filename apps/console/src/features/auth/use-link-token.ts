'use client';

import { useSyncExternalStore } from 'react';

function subscribeToHash(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/**
 * The secret of the link by which the page was opened: what stands behind `#`, which browsers send to no server and name in no referrer. Null
 * until it is known, empty when there is none.
 */
export const useLinkToken = (): string | null =>
  useSyncExternalStore(
    subscribeToHash,
    () => window.location.hash.slice(1),
    () => null,
  );
