'use client';

import { useEffect, useState } from 'react';

import { countTokens, type TokenAnswer } from './count-tokens.ts';

export interface TokenCostProps {
  /** JSON as it would be without the choices of the profile */
  before: string;
  /** JSON as AI clients get it */
  after: string;
}

/** What a text takes of a model's context, and what was saved. Both numbers come from the same estimator; those of a former text stay until the new are there. */
export function TokenCost({ before, after }: TokenCostProps) {
  const [tokens, setTokens] = useState<TokenAnswer['tokens'] | null>(null);
  useEffect(() => countTokens([before, after], setTokens), [before, after]);
  const [own = 0, served = 0] = tokens ?? [];
  return (
    <p className="min-h-5 text-xs text-subtle tabular-nums" title="Counted with o200k. Another model may differ by 10 to 20 %.">
      {tokens && (
        <>
          <span className="font-medium text-fg">About {served.toLocaleString('en')} tokens</span>
          {own !== served && `, ${own.toLocaleString('en')} as the server defines it`}
          {own > served && ` (${Math.round((1 - served / own) * 100)} % less)`}
        </>
      )}
    </p>
  );
}
