'use client';

import { WarningIcon } from '@phosphor-icons/react/ssr';

import { describeArgument } from '@gatehouse/policy/curation/argument-path';
import type { ArgumentRule } from '@gatehouse/policy/documents/profile';

import { Button } from '../../../ui/button.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { ArgumentRow } from './argument-row.tsx';
import { findLostRules, type RuleProblem, describeRule, withoutRule } from './argument-rules.ts';
import type { ArgumentNode } from './argument-tree.ts';

export interface ArgumentListProps {
  tree: readonly ArgumentNode[];
  rules: readonly ArgumentRule[];
  problems: readonly RuleProblem[];
  editable: boolean;
  onChange: (rules: ArgumentRule[]) => void;
}

/** Every argument of a tool with what the profile makes of it. Overrides that fit no argument any more stand on top, never dropped. */
export function ArgumentList(props: ArgumentListProps) {
  const { tree, rules, problems, editable, onChange } = props;
  const lost = findLostRules(tree, rules);
  const whole = problems.filter(({ argument }) => argument === null);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {whole.map(({ text }) => (
        <Problem key={text} text={text} />
      ))}
      {lost.length > 0 && (
        <ul aria-label="Overrides without an argument" className="flex flex-col gap-2">
          {lost.map((rule) => (
            <li key={rule.argument} className="rounded-control bg-warn-bg px-3 py-2 text-warn-fg">
              <p className="flex items-start gap-1.5">
                <WarningIcon aria-hidden size={14} className="mt-0.5 shrink-0" />
                <span className="min-w-0">
                  <span className="font-mono text-xs">
                    <UntrustedText text={describeArgument(rule.argument)} />
                  </span>{' '}
                  is {describeRule(rule)} here, but the server has no such argument now. It was renamed or removed.
                </span>
              </p>
              {editable && (
                <Button size="small" className="mt-1.5 ml-5" onClick={() => onChange(withoutRule(rules, rule.argument))}>
                  Remove this override
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {tree.length === 0 ? (
        <p className="text-muted">This tool takes no arguments.</p>
      ) : (
        <ul aria-label="Arguments" className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
          {tree.map((node) => (
            <ArgumentRow key={node.pointer} node={node} depth={0} {...props} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Problem({ text }: { text: string }) {
  return (
    <p role="alert" className="rounded-control bg-danger-bg px-3 py-2 text-danger-fg">
      {text}
    </p>
  );
}
