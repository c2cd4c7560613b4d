'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef } from 'react';

import { type Permission } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { leaveBy } from '../../ui/form/leaving.ts';
import { isSingleKey } from '../../ui/overlay/single-keys.ts';
import { NAVIGATION } from './navigation.ts';

/** After "G" the second key counts for this long, milliseconds. */
const SECOND_KEY_MS = 1_200;

/** ⌘ K anywhere, and single keys outside of inputs: "G" and a letter goes to a section, "[" folds the sidebar, "?" says which keys there are. */
export function useShortcuts({
  can,
  toggleSidebar,
  openPalette,
  openKeys,
}: {
  can: (permission: Permission) => boolean;
  toggleSidebar?: () => void;
  openPalette: () => void;
  openKeys: () => void;
}): void {
  const router = useRouter();
  const path = usePath();
  const pressedG = useRef(0);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      return openPalette();
    }
    if (!isSingleKey(event)) return;
    if (event.key === '[') return toggleSidebar?.();
    if (event.key === '?') return openKeys();
    const inTime = event.timeStamp - pressedG.current < SECOND_KEY_MS;
    pressedG.current = event.key === 'g' ? event.timeStamp : 0;
    if (!inTime || event.key === 'g') return;
    const item = NAVIGATION.flatMap((group) => group.items).find(({ key, needs }) => key === event.key && can(needs));
    if (item) leaveBy(() => router.push(path(item.path)));
  });

  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
