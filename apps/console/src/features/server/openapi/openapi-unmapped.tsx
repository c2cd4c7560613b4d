'use client';

import { Expandable } from '../../../ui/layout/expandable.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { Operation } from './openapi-choice.ts';
import { MethodBadge } from './openapi-operation-row.tsx';

/** What of a description cannot be a tool, each with the reason. Nothing is left out in silence. */
export function OpenapiUnmapped({ operations }: { operations: readonly Operation[] }) {
  const lost = operations.filter(({ problem }) => problem !== null);
  if (lost.length === 0) return null;
  const words = describeCount(lost.length, 'operation cannot be a tool', 'operations cannot be tools');
  return (
    <div className="border-t border-line">
      <Expandable summary={<span className="text-muted">{words}</span>}>
        <ul className="py-1.5">
          {lost.map(({ key, method, path, problem }) => (
            <li key={key} className="flex items-start gap-2.5 px-4 py-1.5">
              <MethodBadge method={method} />
              <p className="min-w-0 flex-1 text-xs">
                <span className="font-mono">
                  <UntrustedText text={path} isName />
                </span>
                <br />
                <span className="text-subtle">
                  Not offered, because <UntrustedText text={problem ?? ''} />.
                </span>
              </p>
            </li>
          ))}
        </ul>
      </Expandable>
    </div>
  );
}
