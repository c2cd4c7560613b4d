'use client';

import { useMemo } from 'react';

import { ENTRY_GROUPS, type EntryGroup } from '../../ui/entry-group.ts';
import type { BuilderProps } from './builder.tsx';
import { collisionsOf, keyOf, withEntries } from './draft.ts';
import { DraftProblems } from './draft-problems.tsx';
import { offeredOf } from './entry-choices.ts';
import { EntryPicker } from './entry-picker.tsx';
import { itemCollisions, itemServers, selectedItems, withPromptName } from './items.ts';
import { SelectedItems } from './selected-items.tsx';

/** Two columns: what could be in the profile of a group, and what is. Tools have a third, so they have a builder of their own. */
export function ItemBuilder({ group, detail, known, editor, editable }: BuilderProps & { group: Exclude<EntryGroup, 'tools'> }) {
  const { draft, change } = editor;
  const servers = useMemo(() => itemServers(detail.choices), [detail]);
  const offered = useMemo(() => offeredOf(detail.choices, group), [detail, group]);
  const selected = useMemo(() => new Set(draft.entries.map(keyOf)), [draft]);
  const collisions = itemCollisions(draft, servers);
  return (
    <div className="flex flex-col gap-4">
      <DraftProblems editor={editor} collisions={collisionsOf(draft, known)} itemCollisions={collisions} activeKey={null} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <EntryPicker
          group={group}
          servers={offered}
          selected={selected}
          editable={editable}
          onSelect={(refs, on) => change((before) => withEntries(before, refs, on))}
        />
        <SelectedItems
          what={group}
          items={selectedItems(draft, servers, ENTRY_GROUPS[group].kinds)}
          collisions={collisions}
          editable={editable}
          onRemove={(item) => change((before) => withEntries(before, [item], false))}
          onRename={(item, rename) => change((before) => withPromptName(before, item, rename))}
        />
      </div>
    </div>
  );
}
