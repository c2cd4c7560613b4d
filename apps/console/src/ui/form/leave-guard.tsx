'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

import { LossQuestion } from '../overlay/loss-question.tsx';
import { findWayOut, guardLeaving, leaveBy } from './leaving.ts';

/** Has the browser ask before the tab is closed or loaded again with something unsaved. */
export function useUnloadWarning(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [unsaved]);
}

/**
 * Asks before the page is left with something unsaved, by a link of the console, by what goes through `leaveBy`, and by the browser. Back and
 * forward within the console are not held: Next.js has no way to, and the browser has moved on before anybody is told.
 */
export function LeaveGuard({ unsaved }: { unsaved: boolean }) {
  const router = useRouter();
  const [way, setWay] = useState<{ leave: () => void } | null>(null);
  useUnloadWarning(unsaved);
  useEffect(() => {
    if (!unsaved) return;
    const release = guardLeaving((leave) => setWay({ leave }));
    // before the link itself: what stops here is not followed
    const hold = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null;
      // "Cancel" is the answer already
      if (!link || link.hasAttribute('data-gives-up')) return;
      const { href, target } = link;
      const to = findWayOut(event, { href, target, isDownload: link.hasAttribute('download') }, window.location.href);
      if (to === null) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      leaveBy(() => router.push(to));
    };
    window.addEventListener('click', hold, { capture: true });
    return () => {
      release();
      window.removeEventListener('click', hold, { capture: true });
    };
  }, [unsaved, router]);
  return (
    <LossQuestion
      open={way !== null}
      title="Leave without saving?"
      stayLabel="Stay"
      loseLabel="Leave"
      onStay={() => setWay(null)}
      onLose={() => {
        setWay(null);
        way?.leave();
      }}
    >
      What you entered on this page is not saved, and is gone once you leave.
    </LossQuestion>
  );
}
