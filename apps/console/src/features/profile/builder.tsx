'use client';

import { useEffect, useMemo, useRef, useState } from 'react';

import {
  collisionsOf,
  keyOf,
  type KnownTool,
  type ProfileDetail,
  toolServers,
  toolsOf,
  withChange,
  withoutTool,
  withTool,
} from './draft.ts';
import { DraftProblems } from './draft-problems.tsx';
import { itemCollisions, itemServers } from './items.ts';
import { ProfileSettings } from './profile-settings.tsx';
import { SelectedTools } from './selected-tools.tsx';
import { ToolInspector } from './tool-inspector.tsx';
import { ToolPicker } from './tool-picker.tsx';
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
  const collisions = collisionsOf(draft, known);
  const selected = useMemo(() => new Set(toolsOf(draft).map(keyOf)), [draft]);
  const active = activeKey === null ? undefined : known.get(activeKey);
  const activeTool = toolsOf(draft).find((tool) => keyOf(tool) === activeKey) ?? null;

  // One column: the tool that was chosen is shown far below the list.
  const inspector = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (activeKey !== null) inspector.current?.scrollIntoView({ block: 'nearest' });
  }, [activeKey]);

  function select(tools: readonly KnownTool[], on: boolean): void {
    change((before) =>
      tools.reduce((next, tool) => {
        const key = keyOf({ serverId: tool.server.serverId, name: tool.name });
        return on ? withTool(next, tool) : withoutTool(next, key);
      }, before),
    );
  }

  return (
    <div className="flex flex-col gap-4">
      <DraftProblems
        editor={editor}
        collisions={collisions}
        itemCollisions={itemCollisions(draft, itemServers(detail.choices))}
        activeKey={activeTool ? activeKey : null}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2 xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)_minmax(0,1.1fr)]">
        <ToolPicker
          servers={toolServers(detail.choices)}
          selected={selected}
          activeKey={activeKey}
          editable={editable}
          onSelect={select}
          onActivate={setActiveKey}
        />
        <SelectedTools draft={draft} known={known} activeKey={activeKey} onActivate={setActiveKey} />
        <div ref={inspector} className={INSPECTOR}>
          {active && activeKey !== null ? (
            <ToolInspector
              key={activeKey}
              known={active}
              tool={activeTool}
              collision={collisions.find(({ owners }) => owners.some(({ key }) => key === activeKey)) ?? null}
              editable={editable}
              onChange={(next) => change((before) => withChange(before, activeKey, next))}
              onSelect={(on) => select([active], on)}
              onClose={() => setActiveKey(null)}
            />
          ) : (
            <ProfileSettings draft={draft} editable={editable} onChange={(audit) => change((before) => ({ ...before, audit }))} />
          )}
        </div>
      </div>
    </div>
  );
}
