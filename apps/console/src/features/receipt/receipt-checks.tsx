import { CheckCircleIcon, MinusCircleIcon, XCircleIcon } from '@phosphor-icons/react/ssr';

import { formatMs } from '../../ui/entity/call-words.ts';
import {
  describeChangedArguments,
  describeCheck,
  describeHiddenText,
  describeListAge,
  describeReached,
  describeReason,
} from '../../ui/entity/reasons.ts';
import { arrangeChecks, describeUpstream } from './check-order.ts';
import { Part, type ReceiptDetail } from './receipt-part.tsx';

const MARK = {
  pass: <CheckCircleIcon aria-hidden size={16} weight="fill" className="text-ok" />,
  fail: <XCircleIcon aria-hidden size={16} weight="fill" className="text-danger" />,
  skip: <MinusCircleIcon aria-hidden size={16} className="text-subtle" />,
} as const;
const SAID = { pass: 'passed', fail: 'failed', skip: 'not reached' } as const;

/** Every check in the order in which it ended, and where the time went. */
export function ReceiptChecks({ detail: { document } }: { detail: ReceiptDetail }) {
  const { durationMs, upstreamMs } = document;
  const own = durationMs - (upstreamMs ?? 0);
  const checks = arrangeChecks(document.checks);
  return (
    <Part title="How it was decided">
      <ol className="flex flex-col gap-1">
        {checks.map(({ check, result, code, listedMsAgo, hiddenText, limit, changedArguments }) => (
          <li key={check} className="flex items-center gap-2">
            {MARK[result]}
            <span className={result === 'skip' ? 'text-subtle' : undefined}>{describeCheck(check)}</span>
            <span className="sr-only">{SAID[result]}</span>
            {code !== undefined && result === 'fail' && (
              <span className="ml-auto text-right text-xs text-danger-fg">
                {describeReason(code)}
                {limit && `: ${describeReached(limit)}`}
              </span>
            )}
            {listedMsAgo !== undefined && (
              <span className="ml-auto text-right text-xs text-subtle tabular-nums">{describeListAge(listedMsAgo)}</span>
            )}
            {changedArguments && (
              <span className="ml-auto text-right text-xs text-subtle">{describeChangedArguments(changedArguments)}</span>
            )}
            {hiddenText && <span className="ml-auto text-right text-xs text-warn-fg">{describeHiddenText(hiddenText)}</span>}
          </li>
        ))}
      </ol>
      <div aria-hidden className="mt-3 flex h-1.5 overflow-hidden rounded-full bg-active">
        <div className="bg-accent" style={{ width: `${(own / Math.max(durationMs, 0.001)) * 100}%` }} />
      </div>
      <p className="mt-1.5 text-xs text-subtle tabular-nums">
        {formatMs(durationMs)} ms in all
        {upstreamMs === null ? '' : `: ${formatMs(own)} ms in the agent, ${formatMs(upstreamMs)} ms ${describeUpstream(checks)}`}
      </p>
    </Part>
  );
}
