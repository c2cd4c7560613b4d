'use client';

import { CaretRightIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useState } from 'react';

import type { ArgumentRule } from '@gatehouse/policy/documents/profile';

import { Button } from '../../../ui/button.tsx';
import { cn } from '../../../ui/cn.ts';
import { Select, type SelectOption } from '../../../ui/form/select.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { ArgumentListProps } from './argument-list.tsx';
import {
  findHidingRule,
  type RuleKind,
  findRule,
  describeRule,
  createStartingRule,
  withoutRule,
  withRule,
} from './argument-rules.ts';
import type { ArgumentNode } from './argument-tree.ts';
import { LimitEditor } from './limit-editor.tsx';
import { PinEditor } from './pin-editor.tsx';

export interface ArgumentRowProps extends ArgumentListProps {
  node: ArgumentNode;
  depth: number;
}

/** Indentation of one level, px. */
const STEP = 14;
const STARTS_OPEN_TO = 1;

/** One argument: what the server declares, what the profile makes of it, and the arguments inside it. */
export function ArgumentRow(props: ArgumentRowProps) {
  const { node, depth } = props;
  const [open, setOpen] = useState(depth < STARTS_OPEN_TO);
  return (
    <li>
      <Argument {...props} open={open} onOpen={setOpen} />
      {node.children.length > 0 && open && (
        <ul aria-label={`Inside ${node.name}`} className="divide-y divide-line border-t border-line">
          {node.children.map((child) => (
            <ArgumentRow key={child.pointer} {...props} node={child} depth={depth + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}

interface ArgumentProps extends ArgumentRowProps {
  open: boolean;
  onOpen: (open: boolean) => void;
}

/** The argument itself, without those inside it. */
function Argument(props: ArgumentProps) {
  const { node, depth, rules, problems, editable, open, onOpen } = props;
  const { rule, kind, pending, setPending, choose } = useRuleChoice(props);
  const covered = findHidingRule(rules, node.pointer) !== null;
  const problem = problems.find(({ argument }) => argument === node.pointer);
  return (
    <div className="flex flex-col gap-1.5 px-3 py-2" style={{ paddingLeft: 12 + depth * STEP }}>
      <div className="flex items-start gap-2">
        <Heading node={node} rule={rule} covered={covered} open={open} onOpen={onOpen}>
          {editable && (rule || pending) && (
            <Button
              variant="ghost"
              size="small"
              className="h-6 px-1.5"
              aria-label={`Reset ${node.name}`}
              onClick={() => choose('as_is')}
            >
              Reset
            </Button>
          )}
        </Heading>
        {editable && !covered && (
          <Select
            aria-label={`What clients get of ${node.name}`}
            size="small"
            className="w-24"
            value={kind}
            onValueChange={choose}
            options={listRuleOptions(node)}
          />
        )}
      </div>
      {node.description !== '' && (
        <p className="line-clamp-3 text-xs text-muted">
          <UntrustedText text={node.description} />
        </p>
      )}
      {covered && <p className="text-xs text-subtle">Hidden together with the argument around it.</p>}
      {!editable && rule && <p className="text-xs font-medium">{describeRule(rule)}</p>}
      {editable && <ValueEditor {...props} kind={kind} rule={rule} onPending={setPending} />}
      {problem && <p className="text-xs text-danger-fg">{problem.text}</p>}
    </div>
  );
}

/** The rule on an argument. A kind that needs a value is pending, and not in force, until the value is entered. */
function useRuleChoice({ node, rules, onChange }: ArgumentRowProps) {
  const rule = findRule(rules, node.pointer);
  const [pending, setPending] = useState<RuleKind | null>(null);

  function choose(next: RuleKind): void {
    const start = createStartingRule(next, node);
    setPending(start === null && next !== 'as_is' ? next : null);
    if (start) onChange(withRule(rules, start));
    else if (next === 'as_is') onChange(withoutRule(rules, node.pointer));
  }

  return { rule, kind: pending ?? rule?.kind ?? 'as_is', pending, setPending, choose };
}

interface HeadingProps {
  node: ArgumentNode;
  rule: ArgumentRule | null;
  /** hidden together with the argument around it */
  covered: boolean;
  open: boolean;
  onOpen: (open: boolean) => void;
  children: ReactNode;
}

/** Name, type and marks; struck through when clients do not see it. */
function Heading({ node, rule, covered, open, onOpen, children }: HeadingProps) {
  const { name, type, required } = node;
  const gone = covered || rule?.kind === 'hide' || rule?.kind === 'pin';
  return (
    <div className="flex min-h-7 min-w-0 flex-1 flex-wrap items-center gap-x-2 gap-y-1">
      {node.children.length > 0 && (
        <button
          type="button"
          aria-expanded={open}
          aria-label={`${open ? 'Close' : 'Open'} ${name}`}
          onClick={() => onOpen(!open)}
          className="-my-1 -ml-1 flex size-6 shrink-0 items-center justify-center rounded-control text-subtle hover:bg-active"
        >
          <CaretRightIcon aria-hidden size={12} weight="bold" className={cn('transition-transform', open && 'rotate-90')} />
        </button>
      )}
      <span className={cn('min-w-0 font-mono text-xs font-medium', gone && 'text-subtle line-through')}>
        <UntrustedText text={name} />
      </span>
      <span className="text-xs text-subtle">
        <UntrustedText text={type} />
      </span>
      {required && <Badge>required</Badge>}
      {rule && <Badge tone="info">Modified</Badge>}
      {children}
    </div>
  );
}

interface ValueEditorProps extends ArgumentRowProps {
  kind: RuleKind;
  rule: ArgumentRule | null;
  onPending: (kind: RuleKind | null) => void;
}

/** The pinned value, or the values that are left. */
function ValueEditor({ node, rules, kind, rule, onPending, onChange }: ValueEditorProps) {
  const { pointer: argument } = node;
  if (kind === 'pin') {
    return (
      <PinEditor
        node={node}
        value={rule?.kind === 'pin' ? { set: rule.value } : null}
        onChange={(value) => {
          onPending(null);
          onChange(withRule(rules, { kind, argument, value }));
        }}
      />
    );
  }
  if (kind !== 'restrict') return null;
  return (
    <LimitEditor
      node={node}
      values={rule?.kind === 'restrict' ? rule.values : []}
      onChange={(values) => {
        onPending(values.length === 0 ? 'restrict' : null);
        onChange(values.length === 0 ? withoutRule(rules, argument) : withRule(rules, { kind, argument, values }));
      }}
    />
  );
}

/** Ways that cannot work are there and say why. */
function listRuleOptions({ required, restrictable }: ArgumentNode): SelectOption<RuleKind>[] {
  return [
    { value: 'as_is', label: 'Shown', hint: 'As the server declares it.' },
    {
      value: 'hide',
      label: 'Hidden',
      disabled: required,
      hint: required ? 'It is required: pin a value instead.' : 'Clients do not see it, and sending it is refused.',
    },
    { value: 'pin', label: 'Pinned', hint: 'Clients do not see it. The agent adds your value.' },
    {
      value: 'restrict',
      label: 'Limited',
      disabled: !restrictable,
      hint: restrictable ? 'Only the values that you name are accepted.' : 'It does not take single values.',
    },
  ];
}
