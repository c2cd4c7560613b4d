'use client';

import { signOut } from 'next-auth/react';
import { useEffect } from 'react';

import { clearKept, openKeptPlace } from './kept-place.ts';

/** Written when somebody signs out, so that other tabs of this browser hear of it. */
const SIGNED_OUT = 'gatehouse.signed-out';

/** Ends the session in this browser, and what was kept here for whoever it was of. The other tabs hear of it once it has ended: before that, the sign-in page would send them back. */
export async function signOutHere(): Promise<void> {
  const { url } = await signOut({ redirect: false, callbackUrl: '/login' });
  forgetPerson();
  window.location.assign(url);
}

/** Takes out of this browser what was kept for whoever is signed in, and has its other tabs leave, which would keep it again. */
export function forgetPerson(): void {
  const place = openKeptPlace();
  if (!place) return;
  clearKept(place);
  try {
    place.setItem(SIGNED_OUT, String(Date.now()));
  } catch {
    // no room: the other tabs find out at their next request
  }
}

/** Leaves when somebody signs out in another tab, and takes out of this browser what was kept for anybody but this account. */
export function useKeptForOne(userId: string): void {
  useEffect(() => {
    const place = openKeptPlace();
    if (place) clearKept(place, userId);
    const leave = ({ key, newValue }: StorageEvent): void => {
      if (key === SIGNED_OUT && newValue !== null) window.location.assign('/login');
    };
    window.addEventListener('storage', leave);
    return () => window.removeEventListener('storage', leave);
  }, [userId]);
}
