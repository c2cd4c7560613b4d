'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef } from 'react';

import { type Permission } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { isTyping } from '../../ui/overlay/inspector.tsx';
import { NAVIGATION } from './navigation.ts';

/** After "G" the second key counts for this long, milliseconds. */
const SECOND_KEY_MS = 1_200;

/** Single keys outside of inputs: "G" and a letter goes to a section, "[" folds the sidebar. */
export function useShortcuts({
  can,
  toggleSidebar,
}: {
  can: (permission: Permission) => boolean;
  toggleSidebar: () => void;
}): void {
  const router = useRouter();
  const path = usePath();
  const pressedG = useRef(0);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
    if (event.key === '[') return toggleSidebar();
    const inTime = event.timeStamp - pressedG.current < SECOND_KEY_MS;
    pressedG.current = event.key === 'g' ? event.timeStamp : 0;
    if (!inTime || event.key === 'g') return;
    const item = NAVIGATION.flatMap((group) => group.items).find(({ key, needs }) => key === event.key && can(needs));
    if (item) router.push(path(item.path));
  });

  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
