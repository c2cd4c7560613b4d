'use client';

import { useMemo } from 'react';

import { useTokenCount } from './use-token-count.ts';

export interface TokenCostProps {
  /** JSON as it would be without the choices of the profile */
  before: string;
  /** JSON as AI clients get it */
  after: string;
}

/** What a text takes of a model's context, and what was saved. Both numbers come from the same estimator. */
export function TokenCost({ before, after }: TokenCostProps) {
  const count = useTokenCount();
  const tokens = useMemo(() => count && { before: count(before), after: count(after) }, [count, before, after]);
  return (
    <p className="min-h-5 text-xs text-subtle tabular-nums" title="Counted with o200k. Another model may differ by 10 to 20 %.">
      {tokens && (
        <>
          <span className="font-medium text-fg">About {tokens.after.toLocaleString('en')} tokens</span>
          {tokens.before !== tokens.after && `, ${tokens.before.toLocaleString('en')} as the server defines it`}
          {tokens.before > tokens.after && ` (${Math.round((1 - tokens.after / tokens.before) * 100)} % less)`}
        </>
      )}
    </p>
  );
}
