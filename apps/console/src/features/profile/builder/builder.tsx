'use client';

import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';

import { type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { cn } from '../../../ui/cn.ts';
import type { EntryGroup } from '../../../ui/entity/entry-group.ts';
import { findEntryCollision, listCollisions } from '../draft/collisions.ts';
import { DraftProblems } from '../draft/draft-problems.tsx';
import { type KnownEntries, type ProfileDetail, toEntryRef, getTools, withChange, withEntries } from '../draft/draft.ts';
import type { DraftEditor } from '../draft/use-draft.ts';
import { useTakeOut } from '../draft/use-take-out.ts';
import { SitesButton } from '../settings/sites-button.tsx';
import { ToolInspector } from '../tool/tool-inspector.tsx';
import type { ProfileSettingsProps } from './argument-settings.tsx';
import { listOffered } from './entry-choices.ts';
import { EntryPicker } from './entry-picker.tsx';
import { ProfileSettings } from './profile-settings.tsx';
import { SelectedEntries } from './selected-entries.tsx';

export interface BuilderProps {
  group: EntryGroup;
  detail: ProfileDetail;
  known: KnownEntries;
  editor: DraftEditor;
  editable: boolean;
}

const WITH_INSPECTOR = 'xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)_minmax(0,1.1fr)]';

/** Stays beside a long list of tools; below it on narrow screens, clear of the page's own header. */
const INSPECTOR =
  'scroll-mt-16 scroll-mb-4 lg:max-xl:col-span-2 xl:sticky xl:top-16 xl:max-h-[calc(100dvh-5rem)] xl:overflow-y-auto';

/** Columns: what could be selected of a group, what is, and of tools the one that is looked at. */
export function Builder({ group, detail, known, editor, editable }: BuilderProps) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const { draft, change } = editor;
  const servers = useMemo(() => listOffered(detail.choices, group), [detail, group]);
  const collisions = listCollisions(draft, known);
  const selected = useMemo(() => new Set(draft.entries.map(toServerEntryKey)), [draft]);
  const active = activeKey === null ? undefined : known.get(activeKey);
  const activeTool = getTools(draft).find((tool) => toServerEntryKey(tool) === activeKey) ?? null;
  const isTools = group === 'tools';

  const takeOut = useTakeOut(editor);
  const select = (refs: readonly ServerEntryRef[], on: boolean): void =>
    on ? change((before) => withEntries(before, refs, true)) : takeOut(refs);

  return (
    <div className="flex flex-col gap-4">
      <DraftProblems editor={editor} collisions={collisions} group={group} activeKey={activeTool ? activeKey : null} />
      <div className={cn('grid items-start gap-4 lg:grid-cols-2', isTools && WITH_INSPECTOR)}>
        <EntryPicker
          group={group}
          servers={servers}
          selected={selected}
          editable={editable}
          onSelect={select}
          changeSites={<SitesButton detail={detail} />}
          {...(isTools && { activeKey, onActivate: setActiveKey })}
        />
        <SelectedEntries
          group={group}
          known={known}
          collisions={collisions}
          editor={editor}
          editable={editable}
          activeKey={activeKey}
          onActivate={setActiveKey}
          onTakeOut={takeOut}
        />
        {isTools && (
          <InspectorColumn activeKey={activeKey}>
            {active?.kind === 'tool' && activeKey !== null && (
              <ToolInspector
                key={activeKey}
                known={active}
                tool={activeTool}
                collision={findEntryCollision(collisions, activeKey)}
                editable={editable}
                onChange={(next) => change((before) => withChange(before, activeKey, next))}
                onSelect={(on) => select([toEntryRef(active)], on)}
                onClose={() => setActiveKey(null)}
              />
            )}
            {(active?.kind !== 'tool' || activeKey === null) && <WholeProfile editor={editor} editable={editable} />}
          </InspectorColumn>
        )}
      </div>
    </div>
  );
}

function WholeProfile({ editor: { draft, change }, editable }: Pick<BuilderProps, 'editor' | 'editable'>) {
  const set = (settings: Parameters<ProfileSettingsProps['onChange']>[0]): void =>
    change((before) => ({ ...before, ...settings }));
  return <ProfileSettings draft={draft} editable={editable} onChange={set} />;
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
