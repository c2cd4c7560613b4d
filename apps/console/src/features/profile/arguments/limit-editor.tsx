'use client';

import { XIcon } from '@phosphor-icons/react/ssr';
import { type KeyboardEvent, useState } from 'react';

import { Button } from '../../../ui/button.tsx';
import { Input } from '../../../ui/form/input.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { parseScalar } from './argument-rules.ts';
import type { ArgumentNode, Scalar } from './argument-tree.ts';

export interface LimitEditorProps {
  node: ArgumentNode;
  /** empty: nothing is limited yet */
  values: readonly Scalar[];
  onChange: (values: Scalar[]) => void;
}

const CHIP =
  'inline-flex min-h-6 max-w-full items-center gap-1 rounded-chip border border-kumo-line bg-surface px-2 py-0.5 font-mono text-xs transition-colors';
const MAX_VALUES = 100;

/** The values that are accepted: chosen from those that the schema names, else entered one by one. */
export function LimitEditor(props: LimitEditorProps) {
  const { node, values } = props;
  return (
    <div className="flex flex-col gap-1.5">
      {node.options.length > 0 ? <Options {...props} /> : <Entered {...props} />}
      {values.length === 0 && <p className="text-xs text-subtle">Not limited before a value is chosen.</p>}
    </div>
  );
}

function Options({ node, values, onChange }: LimitEditorProps) {
  return (
    <ul aria-label={`Values of ${node.name}`} className="flex flex-wrap gap-1.5">
      {node.options.slice(0, MAX_VALUES).map((option) => {
        const on = values.includes(option);
        return (
          <li key={JSON.stringify(option)} className="min-w-0">
            <button
              type="button"
              aria-pressed={on}
              onClick={() => onChange(on ? values.filter((value) => value !== option) : [...values, option])}
              className={`${CHIP} hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-bg aria-pressed:text-accent-fg`}
            >
              <UntrustedText text={String(option)} />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Entered(props: LimitEditorProps) {
  const { node, values, onChange } = props;
  return (
    <>
      {values.length > 0 && (
        <ul aria-label={`Values of ${node.name}`} className="flex flex-wrap gap-1.5">
          {values.map((value) => (
            <li key={JSON.stringify(value)} className={CHIP}>
              <UntrustedText text={JSON.stringify(value)} />
              <button
                type="button"
                aria-label={`Remove ${String(value)}`}
                onClick={() => onChange(values.filter((other) => other !== value))}
                className="-mr-1.5 flex size-5 items-center justify-center rounded-chip text-subtle hover:bg-active hover:text-fg"
              >
                <XIcon size={10} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <AddValue {...props} />
    </>
  );
}

function AddValue({ node, values, onChange }: LimitEditorProps) {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);

  function add(): void {
    const entered = parseScalar(text, node.type);
    if (!entered.ok) {
      setProblem(entered.problem);
      return;
    }
    setText('');
    setProblem(null);
    if (!values.includes(entered.value) && values.length < MAX_VALUES) onChange([...values, entered.value]);
  }
  function addOnEnter(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    add();
  }

  return (
    <>
      <div className="flex gap-1.5">
        <Input
          aria-label={`Add a value of ${node.name}`}
          aria-invalid={problem !== null}
          mono
          size="small"
          autoComplete="off"
          spellCheck={false}
          placeholder="Add a value"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setProblem(null);
          }}
          onKeyDown={addOnEnter}
        />
        <Button size="small" onClick={add}>
          Add
        </Button>
      </div>
      {problem !== null && <p className="text-xs text-danger-fg">{problem}</p>}
    </>
  );
}
