'use client';

import { WarningIcon, XIcon } from '@phosphor-icons/react/ssr';
import { useId, useState } from 'react';

import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Input } from '../../ui/input.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { keyOf, nameProblem } from './draft.ts';
import { type ItemCollision, type SelectedItem } from './items.ts';

export interface SelectedItemsProps {
  what: string;
  items: readonly SelectedItem[];
  collisions: readonly ItemCollision[];
  editable: boolean;
  onRemove: (item: SelectedItem) => void;
  onRename: (item: SelectedItem, rename: string | null) => void;
}

/** What AI clients will see of these, under the names and addresses they will see. */
export function SelectedItems({ what, items, collisions, editable, onRemove, onRename }: SelectedItemsProps) {
  return (
    <Card title={`Selected (${items.length})`} padded={false}>
      {items.length === 0 && (
        <EmptyState title="Nothing is selected">
          Tick the {what} this workflow needs. AI clients will see these and no others.
        </EmptyState>
      )}
      <ul aria-label={`Selected ${what}`} className="divide-y divide-line">
        {items.map((item) => (
          <SelectedRow
            key={keyOf(item)}
            item={item}
            collision={collisions.find(({ owners }) => owners.some(({ ref }) => keyOf(ref) === keyOf(item)))}
            editable={editable}
            onRemove={() => onRemove(item)}
            onRename={(rename) => onRename(item, rename)}
          />
        ))}
      </ul>
    </Card>
  );
}

interface SelectedRowProps {
  item: SelectedItem;
  collision: ItemCollision | undefined;
  editable: boolean;
  onRemove: () => void;
  onRename: (rename: string | null) => void;
}

function SelectedRow({ item, collision, editable, onRemove, onRename }: SelectedRowProps) {
  return (
    <li className="flex items-start gap-2 px-4 py-2.5">
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-2 text-xs text-subtle">
          {item.serverName}
          {item.kind === 'template' && <Badge>Template</Badge>}
          {item.rename !== null && <Badge tone="info">Modified</Badge>}
          {editable && item.rename !== null && (
            <Button
              variant="ghost"
              size="small"
              className="-my-1.5 px-1.5"
              aria-label={`Reset ${item.name}`}
              onClick={() => onRename(null)}
            >
              Reset
            </Button>
          )}
        </p>
        <p className="font-mono text-xs break-all">
          <UntrustedText text={item.name} />
        </p>
        {item.kind === 'prompt' && <PromptName item={item} collision={collision} editable={editable} onRename={onRename} />}
        {item.kind !== 'prompt' && collision && (
          <p className="text-xs text-danger-fg">
            {collision.owners.map(({ label }) => label).join(' and ')} both have this address. Take one out.
          </p>
        )}
        <Lost item={item} />
      </div>
      {editable && <IconButton label={`Take out ${item.name}`} size="small" icon={<XIcon size={14} />} onClick={onRemove} />}
    </li>
  );
}

/** Held or gone at its server: it stays in the draft, and publishing says why it cannot be. */
function Lost({ item: { choice } }: { item: SelectedItem }) {
  const text = choice ? choice.problem?.text : 'its server no longer offers it';
  if (text === undefined) return null;
  return (
    <p className="flex items-center gap-1 text-xs text-warn-fg">
      <WarningIcon aria-hidden size={12} className="shrink-0" /> {text}
    </p>
  );
}

/** A name is saved once it is one; half a name stays in the field. */
function PromptName({ item, collision, editable, onRename }: Omit<SelectedRowProps, 'onRemove'>) {
  const problemId = useId();
  const [text, setText] = useState(item.rename ?? '');
  const [saved, setSaved] = useState(item.rename);
  if (item.rename !== saved) {
    setSaved(item.rename);
    setText(item.rename ?? '');
  }
  const own = collision?.owners.find(({ ref }) => keyOf(ref) === keyOf(item));
  const taken =
    collision && `${collision.owners.map(({ label }) => label).join(' and ')} would both be shown as ${collision.name}.`;

  function change(next: string): void {
    setText(next);
    const rename = next === '' || next === item.name ? null : next;
    if (rename !== null && nameProblem(rename) !== null) return;
    setSaved(rename);
    onRename(rename);
  }

  const problem = nameProblem(text === '' ? item.name : text) ?? taken;
  return (
    <>
      <div className="flex items-center gap-2">
        <span className="shrink-0 text-xs text-subtle">Shown as</span>
        <Input
          aria-label={`Name shown for ${item.name}`}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : problemId}
          mono
          size="small"
          spellCheck={false}
          autoComplete="off"
          disabled={!editable}
          placeholder={item.name}
          value={text}
          onChange={(event) => change(event.target.value)}
        />
      </div>
      {problem !== undefined && (
        <p id={problemId} role="alert" className="text-xs text-danger-fg">
          {problem}
        </p>
      )}
      {editable && own?.suggestion && (
        <Button size="small" className="max-w-full self-start" onClick={() => change(own.suggestion ?? '')}>
          <span className="truncate">
            Use <span className="font-mono">{own.suggestion}</span>
          </span>
        </Button>
      )}
    </>
  );
}
