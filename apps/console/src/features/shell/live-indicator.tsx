'use client';

import { useState } from 'react';

import type { LiveState } from '../../trpc/use-live.ts';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { ClockTime } from '../../ui/text/relative-time.tsx';

/** Whether what the page shows is kept fresh; when not, since when. */
export function LiveIndicator({ state }: { state: LiveState }) {
  switch (state) {
    case 'live':
    case 'paused':
      return <StatusDot tone="ok" word="Live" className="text-xs text-subtle" />;
    case 'connecting':
      return <StatusDot tone="neutral" hollow word="Connecting" className="text-xs text-subtle" />;
    case 'lost':
      return <Reconnecting />;
  }
}

function Reconnecting() {
  const [since] = useState(() => new Date());
  return (
    <output className="flex items-center gap-1 text-xs text-warn-fg">
      <StatusDot tone="warn" word="Reconnecting" />
      <span className="max-sm:hidden">
        · showing data from <ClockTime at={since} />
      </span>
    </output>
  );
}
