'use client';

import { useEffect, useState } from 'react';

import type { LiveState } from '../../trpc/use-live.ts';
import { ClockTime } from '../../ui/relative-time.tsx';
import { StatusDot } from '../../ui/status-dot.tsx';

/** Whether what the page shows is kept fresh; when not, since when. */
export function LiveIndicator({ state }: { state: LiveState }) {
  const [since, setSince] = useState<Date | null>(null);
  useEffect(() => setSince(state === 'lost' ? new Date() : null), [state]);
  if (state === 'live' || state === 'paused') return <StatusDot tone="ok" word="Live" className="text-xs text-subtle" />;
  if (state === 'connecting') return <StatusDot tone="neutral" hollow word="Connecting" className="text-xs text-subtle" />;
  return (
    <span role="status" className="flex items-center gap-1 text-xs text-warn-fg">
      <StatusDot tone="warn" word="Reconnecting" />
      {since && (
        <span className="max-sm:hidden">
          · showing data from <ClockTime at={since} />
        </span>
      )}
    </span>
  );
}
