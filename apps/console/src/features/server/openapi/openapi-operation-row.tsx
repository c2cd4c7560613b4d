'use client';

import { WarningIcon } from '@phosphor-icons/react/ssr';

import { Checkbox } from '../../../ui/form/checkbox.tsx';
import { Badge, RiskBadge, type Tone } from '../../../ui/status/badge.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { Operation } from './openapi-choice.ts';

const METHOD_TONE: Record<string, Tone> = {
  GET: 'neutral',
  HEAD: 'neutral',
  POST: 'info',
  PUT: 'info',
  PATCH: 'info',
  DELETE: 'danger',
};

/** The method of an operation, as wide as the longest so that paths line up. */
export function MethodBadge({ method }: { method: string }) {
  return (
    <span className="inline-flex w-14 shrink-0 font-mono [&>span]:w-full [&>span]:justify-center">
      <Badge tone={METHOD_TONE[method] ?? 'neutral'}>{method}</Badge>
    </span>
  );
}

export interface OpenapiOperationRowProps {
  operation: Operation;
  checked: boolean;
  isKnown: boolean;
  disabled: boolean;
  onChange: (checked: boolean) => void;
}

/** One operation: what it calls, the tool it would become, what that costs, and what to know before choosing it. */
export function OpenapiOperationRow({ operation, checked, isKnown, disabled, onChange }: OpenapiOperationRowProps) {
  const { method, path, name, summary, deprecated, risk, tokens, warnings } = operation;
  return (
    <li className="flex items-start gap-2.5 py-1.5 pr-3 pl-9 hover:bg-sunken max-sm:flex-wrap max-sm:gap-y-1">
      <Checkbox aria-label={name} checked={checked} disabled={disabled} onCheckedChange={onChange} />
      <MethodBadge method={method} />
      <div className="min-w-0 flex-1 max-sm:order-last max-sm:basis-full max-sm:pl-6.5">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
          <span className="font-mono text-xs font-medium">
            <UntrustedText text={name} isName />
          </span>
          {deprecated && <Badge tone="warn">Deprecated</Badge>}
          {isKnown && <Badge>In the newest revision</Badge>}
        </p>
        <p className="text-xs text-subtle">
          <span className="font-mono">
            <UntrustedText text={path} isName />
          </span>
          {summary !== null && (
            <>
              {' · '}
              <UntrustedText text={summary} />
            </>
          )}
        </p>
        {warnings.map((warning) => (
          <p key={warning} className="flex items-start gap-1 text-xs text-warn-fg">
            <WarningIcon aria-hidden size={12} className="mt-0.5 shrink-0" />
            <UntrustedText text={warning} />
          </p>
        ))}
      </div>
      <span className="w-20 shrink-0 pt-0.5 text-right text-xs text-subtle tabular-nums max-sm:hidden">
        {tokens !== null && `${tokens.toLocaleString('en')} tokens`}
      </span>
      <span className="flex w-24 shrink-0 justify-end max-sm:ml-auto max-sm:w-auto">
        <RiskBadge risk={risk} />
      </span>
    </li>
  );
}
