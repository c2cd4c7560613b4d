'use client';

import { useMemo, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { Banner } from '../../ui/card.tsx';
import { readableError } from '../../ui/states.tsx';
import { collisionsOf, keyOf, knownTools, type KnownTool, type ProfileDetail, withChange, withoutTool, withTool } from './draft.ts';
import { ProfileSettings } from './profile-settings.tsx';
import { SelectedTools } from './selected-tools.tsx';
import { ToolInspector } from './tool-inspector.tsx';
import { ToolPicker } from './tool-picker.tsx';
import type { DraftEditor } from './use-draft.ts';

export interface BuilderProps {
  detail: ProfileDetail;
  editor: DraftEditor;
  editable: boolean;
}

/** Three columns: what could be selected, what is, and the one tool that is looked at. */
export function Builder({ detail, editor, editable }: BuilderProps) {
  const known = useMemo(() => knownTools(detail), [detail]);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const { draft, change } = editor;
  const selected = useMemo(() => new Set(draft.tools.map(keyOf)), [draft]);
  const active = activeKey === null ? undefined : known.get(activeKey);
  const activeTool = draft.tools.find((tool) => keyOf(tool) === activeKey) ?? null;

  function select(tools: readonly KnownTool[], on: boolean): void {
    change((before) =>
      tools.reduce((next, tool) => {
        const key = keyOf({ serverId: tool.server.serverId, toolName: tool.toolName });
        return on ? withTool(next, tool) : withoutTool(next, key);
      }, before),
    );
  }

  return (
    <div className="flex flex-col gap-4">
      <Problems detail={detail} editor={editor} known={known} />
      <div className="grid items-start gap-4 lg:grid-cols-2 xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)_minmax(0,1.1fr)]">
        <ToolPicker servers={detail.availableTools} selected={selected} activeKey={activeKey} editable={editable} onSelect={select} onActivate={setActiveKey} />
        <SelectedTools draft={draft} known={known} activeKey={activeKey} onActivate={setActiveKey} />
        <div className="lg:max-xl:col-span-2">
          {active && activeKey !== null ? (
            <ToolInspector
              key={activeKey}
              known={active}
              tool={activeTool}
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

/** What keeps the draft from being saved, with the way out. */
function Problems({ editor, known }: { detail: ProfileDetail; editor: DraftEditor; known: ReadonlyMap<string, KnownTool> }) {
  const collisions = collisionsOf(editor.draft, known);
  if (collisions.length > 0) {
    return (
      <Banner tone="danger" title="Not saved: two tools would have the same name">
        <ul className="mt-1 flex flex-col gap-2">
          {collisions.map(({ name, owners }) => (
            <li key={name} className="flex flex-wrap items-center gap-2">
              <span>
                <span className="font-mono">{owners.map(({ label }) => label).join(' and ')}</span> would both be shown as{' '}
                <span className="font-mono">{name}</span>. Rename one:
              </span>
              {owners.map(({ key, suggestion }) => (
                <Button key={key} size="small" onClick={() => editor.change((before) => withChange(before, key, { rename: suggestion }))}>
                  <span className="font-mono">{suggestion}</span>
                </Button>
              ))}
            </li>
          ))}
        </ul>
      </Banner>
    );
  }
  if (editor.save.kind !== 'refused') return null;
  return (
    <Banner
      tone="danger"
      title="Not saved"
      action={
        <Button size="small" onClick={editor.reload}>
          Drop my changes
        </Button>
      }
    >
      {readableError(editor.save.error).message} What you did is still on this page.
    </Banner>
  );
}
