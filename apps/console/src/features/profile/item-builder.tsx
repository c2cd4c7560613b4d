'use client';

import { useMemo } from 'react';

import { collisionsOf, type KnownTool, type ProfileDetail } from './draft.ts';
import { DraftProblems } from './draft-problems.tsx';
import { ItemPicker } from './item-picker.tsx';
import { itemCollisions, type ItemKind, itemServers, selectedItems, withItems, withoutItem, withPromptName } from './items.ts';
import { SelectedItems } from './selected-items.tsx';
import type { DraftEditor } from './use-draft.ts';

export interface ItemBuilderProps {
  what: 'prompts' | 'resources' | 'instructions';
  detail: ProfileDetail;
  known: ReadonlyMap<string, KnownTool>;
  editor: DraftEditor;
  editable: boolean;
}

const KINDS: Record<ItemBuilderProps['what'], readonly ItemKind[]> = {
  prompts: ['prompt'],
  resources: ['resource', 'template'],
  instructions: ['instructions'],
};

/** Two columns: what could be in the profile, and what is. */
export function ItemBuilder({ what, detail, known, editor, editable }: ItemBuilderProps) {
  const { draft, change } = editor;
  const kinds = KINDS[what];
  const servers = useMemo(() => itemServers(detail.choices), [detail]);
  const collisions = itemCollisions(draft, servers);
  return (
    <div className="flex flex-col gap-4">
      <DraftProblems editor={editor} collisions={collisionsOf(draft, known)} itemCollisions={collisions} activeKey={null} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ItemPicker
          what={what}
          kinds={kinds}
          servers={servers}
          draft={draft}
          editable={editable}
          onSelect={(refs, on) => change((before) => withItems(before, refs, on))}
        />
        <SelectedItems
          what={what}
          items={selectedItems(draft, servers, kinds)}
          collisions={collisions}
          editable={editable}
          onRemove={(item) => change((before) => withoutItem(before, item))}
          onRename={(item, rename) => change((before) => withPromptName(before, item, rename))}
        />
      </div>
    </div>
  );
}
