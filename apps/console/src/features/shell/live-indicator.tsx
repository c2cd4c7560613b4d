'use client';

import { useState } from 'react';

import type { LiveView } from '../../trpc/shared-stream.ts';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { ClockTime } from '../../ui/text/relative-time.tsx';

/** Whether what the page shows is kept fresh; when not, since when. */
export function LiveIndicator({ live, isBehind }: { live: LiveView; isBehind: boolean }) {
  if (isBehind && live.state !== 'lost') return <Reconnecting />;
  switch (live.state) {
    case 'live':
    case 'paused':
      return <StatusDot tone="ok" word="Live" className="text-xs text-subtle" />;
    case 'connecting':
      return <StatusDot tone="neutral" hollow word="Connecting" className="text-xs text-subtle" />;
    case 'lost':
      return <Reconnecting since={live.since} />;
  }
}

/** `since`: when changes stopped to arrive; left out: now. */
function Reconnecting({ since }: { since?: number }) {
  const [from] = useState(() => new Date(since ?? Date.now()));
  return (
    <output className="flex items-center gap-1 text-xs text-warn-fg">
      <StatusDot tone="warn" word="Reconnecting" />
      <span className="max-sm:hidden">
        · showing data from <ClockTime at={from} />
      </span>
    </output>
  );
}
