'use client';

import { useState } from 'react';

import { Choice } from '../../../ui/form/choice.tsx';
import { Input, Textarea } from '../../../ui/form/input.tsx';
import { Select } from '../../../ui/form/select.tsx';
import { parseValue, type JsonValue, formatValue } from './argument-rules.ts';
import type { ArgumentNode } from './argument-tree.ts';

export interface PinEditorProps {
  node: ArgumentNode;
  /** null: nothing is pinned yet */
  value: { set: JsonValue } | null;
  onChange: (value: JsonValue) => void;
}

const getLabel = ({ name }: ArgumentNode): string => `Value of ${name}`;

/** The value that the agent adds, entered by the type that the schema asks for. */
export function PinEditor(props: PinEditorProps) {
  const { node, value, onChange } = props;
  if (node.valueKind === 'boolean') {
    return (
      <Choice
        label={getLabel(node)}
        className="self-start"
        value={value === null ? null : value.set === true ? 'true' : 'false'}
        onValueChange={(next) => onChange(next === 'true')}
        options={[
          { value: 'true', label: 'true' },
          { value: 'false', label: 'false' },
        ]}
      />
    );
  }
  if (node.valueKind === 'choice') {
    return (
      <Select
        aria-label={getLabel(node)}
        size="small"
        placeholder="Choose a value…"
        value={value === null ? null : JSON.stringify(value.set)}
        onValueChange={(text) => {
          const chosen = node.options.find((option) => JSON.stringify(option) === text);
          if (chosen !== undefined) onChange(chosen);
        }}
        options={node.options.map((option) => ({ value: JSON.stringify(option), label: String(option) }))}
      />
    );
  }
  return <TypedValue {...props} />;
}

/** Text, a number, or JSON. What is not a value yet stays in the field and changes nothing. */
function TypedValue({ node, value, onChange }: PinEditorProps) {
  const [text, setText] = useState(value === null ? '' : formatValue(value.set, node));
  const [touched, setTouched] = useState(false);
  const entered = parseValue(text, node);
  const error = touched && !entered.ok ? entered.problem : undefined;
  const unset = value === null ? 'Not pinned before a value is entered.' : undefined;

  function change(next: string): void {
    setText(next);
    setTouched(true);
    const parsed = parseValue(next, node);
    if (parsed.ok) onChange(parsed.value);
  }

  const shared = { 'aria-label': getLabel(node), value: text, 'aria-invalid': error !== undefined };
  return (
    <div className="flex flex-col gap-1">
      {node.valueKind === 'json' ? (
        <Textarea
          {...shared}
          mono
          rows={2}
          placeholder={`JSON, for example {"key": "value"}`}
          onChange={(event) => change(event.target.value)}
        />
      ) : (
        <Input
          {...shared}
          mono
          size="small"
          autoComplete="off"
          spellCheck={false}
          inputMode={node.valueKind === 'number' ? 'decimal' : 'text'}
          placeholder={node.valueKind === 'number' ? 'A number' : 'The value the agent sends'}
          onChange={(event) => change(event.target.value)}
        />
      )}
      {error !== undefined ? (
        <p className="text-xs text-danger-fg">{error}</p>
      ) : (
        unset !== undefined && <p className="text-xs text-subtle">{unset}</p>
      )}
    </div>
  );
}
