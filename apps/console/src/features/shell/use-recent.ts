'use client';

import { useEffect } from 'react';
import { z } from 'zod';

import { useHere } from '../../trpc/use-path.ts';

const MOST = 6;
const Kept = z.array(z.object({ label: z.string().max(200), path: z.string().max(500) })).max(MOST);
type Kept = z.infer<typeof Kept>;

const buildKey = (owner: string): string => `gatehouse.recent.${owner}`;

/** What was open in this tab, newest first; nothing of it stays when the tab is closed. `owner` is the person and the workspace. */
export function readRecent(owner: string): Kept {
  try {
    return Kept.safeParse(JSON.parse(window.sessionStorage.getItem(buildKey(owner)) ?? '[]')).data ?? [];
  } catch {
    return [];
  }
}

/** Remembers the object whose page is open, by the name that the page has given. */
export function useRecent(owner: string, title: string | null): void {
  const here = useHere();
  useEffect(() => {
    // a section is a click away anyhow; an object stands two steps below
    if (title === null || here.split('/').length < 3) return;
    const kept = [{ label: title.slice(0, 200), path: here }, ...readRecent(owner).filter(({ path }) => path !== here)].slice(
      0,
      MOST,
    );
    try {
      window.sessionStorage.setItem(buildKey(owner), JSON.stringify(kept));
    } catch {
      // a browser that keeps nothing remembers nothing
    }
  }, [owner, title, here]);
}
