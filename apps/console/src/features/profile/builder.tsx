'use client';

import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';

import {
  collisionsOf,
  type EntryRef,
  keyOf,
  type KnownTool,
  type ProfileDetail,
  refOf,
  toolsOf,
  withChange,
  withEntries,
} from './draft.ts';
import { DraftProblems } from './draft-problems.tsx';
import { offeredOf } from './entry-choices.ts';
import { EntryPicker } from './entry-picker.tsx';
import { itemCollisions, itemServers } from './items.ts';
import { ProfileSettings } from './profile-settings.tsx';
import { SelectedTools } from './selected-tools.tsx';
import { ToolInspector } from './tool-inspector.tsx';
import type { DraftEditor } from './use-draft.ts';

export interface BuilderProps {
  detail: ProfileDetail;
  known: ReadonlyMap<string, KnownTool>;
  editor: DraftEditor;
  editable: boolean;
}

/** Stays beside a long list of tools; below it on narrow screens, clear of the page's own header. */
const INSPECTOR =
  'scroll-mt-16 scroll-mb-4 lg:max-xl:col-span-2 xl:sticky xl:top-16 xl:max-h-[calc(100dvh-5rem)] xl:overflow-y-auto';

/** Three columns: what could be selected, what is, and the one tool that is looked at. */
export function Builder({ detail, known, editor, editable }: BuilderProps) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const { draft, change } = editor;
  const servers = useMemo(() => offeredOf(detail.choices, 'tools'), [detail]);
  const collisions = collisionsOf(draft, known);
  const selected = useMemo(() => new Set(toolsOf(draft).map(keyOf)), [draft]);
  const active = activeKey === null ? undefined : known.get(activeKey);
  const activeTool = toolsOf(draft).find((tool) => keyOf(tool) === activeKey) ?? null;

  const select = (refs: readonly EntryRef[], on: boolean): void => change((before) => withEntries(before, refs, on));

  return (
    <div className="flex flex-col gap-4">
      <DraftProblems
        editor={editor}
        collisions={collisions}
        itemCollisions={itemCollisions(draft, itemServers(detail.choices))}
        activeKey={activeTool ? activeKey : null}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2 xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)_minmax(0,1.1fr)]">
        <EntryPicker
          group="tools"
          servers={servers}
          selected={selected}
          activeKey={activeKey}
          editable={editable}
          onSelect={select}
          onActivate={setActiveKey}
        />
        <SelectedTools draft={draft} known={known} activeKey={activeKey} onActivate={setActiveKey} />
        <InspectorColumn activeKey={activeKey}>
          {active && activeKey !== null ? (
            <ToolInspector
              key={activeKey}
              known={active}
              tool={activeTool}
              collision={collisions.find(({ owners }) => owners.some(({ key }) => key === activeKey)) ?? null}
              editable={editable}
              onChange={(next) => change((before) => withChange(before, activeKey, next))}
              onSelect={(on) => select([refOf(active)], on)}
              onClose={() => setActiveKey(null)}
            />
          ) : (
            <ProfileSettings draft={draft} editable={editable} onChange={(audit) => change((before) => ({ ...before, audit }))} />
          )}
        </InspectorColumn>
      </div>
    </div>
  );
}

/** In one column, the tool that was chosen is shown far below the list: it is scrolled to. */
function InspectorColumn({ activeKey, children }: { activeKey: string | null; children: ReactNode }) {
  const column = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (activeKey !== null) column.current?.scrollIntoView({ block: 'nearest' });
  }, [activeKey]);
  return (
    <div ref={column} className={INSPECTOR}>
      {children}
    </div>
  );
}
