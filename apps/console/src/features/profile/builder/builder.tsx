'use client';

import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';

import { type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { cn } from '../../../ui/cn.ts';
import type { EntryGroup } from '../../../ui/entity/entry-group.ts';
import { type Collision, findEntryCollision, listCollisions } from '../draft/collisions.ts';
import { DraftProblems } from '../draft/draft-problems.tsx';
import {
  type KnownEntries,
  type KnownEntry,
  type ProfileDetail,
  toEntryRef,
  getTools,
  withChange,
  withEntries,
} from '../draft/draft.ts';
import type { DraftEditor } from '../draft/use-draft.ts';
import { useTakeOut } from '../draft/use-take-out.ts';
import { SitesButton } from '../settings/sites-button.tsx';
import { ToolInspector, type ToolInspectorProps } from '../tool/tool-inspector.tsx';
import type { ProfileSettingsProps } from './argument-settings.tsx';
import { getSelected } from './entry-choices.ts';
import { EntryPicker } from './entry-picker.tsx';
import { ProfileSettings } from './profile-settings.tsx';
import { SelectedEntries } from './selected-entries.tsx';
import type { EntryPickerProps } from './server-entries.tsx';

export interface BuilderProps {
  group: EntryGroup;
  detail: ProfileDetail;
  known: KnownEntries;
  /** remembers what is known of entries before they are in the draft, or are no longer */
  onMeet: (entries: readonly KnownEntry[]) => void;
  editor: DraftEditor;
  editable: boolean;
}

const WITH_INSPECTOR = 'xl:grid-cols-[minmax(0,1.15fr)_minmax(0,1fr)_minmax(0,1.1fr)]';

/** Stays beside a long list of tools; below it on narrow screens, clear of the page's own header. */
const INSPECTOR =
  'scroll-mt-16 scroll-mb-4 lg:max-xl:col-span-2 xl:sticky xl:top-16 xl:max-h-[calc(100dvh-5rem)] xl:overflow-y-auto';

/** Columns: what could be selected of a group, what is, and of tools the one that is looked at. */
export function Builder({ group, detail, known, onMeet, editor, editable }: BuilderProps) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const { draft } = editor;
  const collisions = listCollisions(draft, known);
  const selected = useMemo(() => getSelected(draft, group), [draft, group]);
  const isEdited = getTools(draft).some((tool) => toServerEntryKey(tool) === activeKey);
  const isTools = group === 'tools';

  const { select, takeOut } = useChoosing({ known, onMeet, editor });

  function lookAt(entry: KnownEntry): void {
    onMeet([entry]);
    setActiveKey(toServerEntryKey(toEntryRef(entry)));
  }

  return (
    <div className="flex flex-col gap-4">
      <DraftProblems editor={editor} collisions={collisions} group={group} activeKey={isEdited ? activeKey : null} />
      <div className={cn('grid items-start gap-4 lg:grid-cols-2', isTools && WITH_INSPECTOR)}>
        <EntryPicker
          group={group}
          profileId={detail.profile.id}
          selected={selected}
          editable={editable}
          onSelect={select}
          changeSites={<SitesButton detail={detail} />}
          {...(isTools && { activeKey, onActivate: lookAt })}
        />
        <SelectedEntries
          group={group}
          known={known}
          collisions={collisions}
          editor={editor}
          editable={editable}
          activeKey={activeKey}
          onActivate={lookAt}
          onTakeOut={takeOut}
        />
        {isTools && (
          <InspectorColumn activeKey={activeKey}>
            <Inspected
              profileId={detail.profile.id}
              known={activeKey === null ? undefined : known.get(activeKey)}
              collisions={collisions}
              editor={editor}
              editable={editable}
              onSelect={select}
              onClose={() => setActiveKey(null)}
            />
          </InspectorColumn>
        )}
      </div>
    </div>
  );
}

/** Selects entries and takes them out again, and keeps what is known of them: what is taken out may come back. */
function useChoosing({ known, onMeet, editor }: Pick<BuilderProps, 'known' | 'onMeet' | 'editor'>) {
  const takeAway = useTakeOut(editor);

  function takeOut(refs: readonly ServerEntryRef[]): void {
    onMeet(refs.flatMap((ref) => known.get(toServerEntryKey(ref)) ?? []));
    takeAway(refs);
  }

  function select(entries: readonly KnownEntry[], on: boolean): void {
    const refs = entries.map(toEntryRef);
    if (!on) return takeOut(refs);
    onMeet(entries);
    editor.change((before) => withEntries(before, refs, true));
  }
  return { select, takeOut };
}

interface InspectedProps extends Pick<BuilderProps, 'editor' | 'editable'>, Pick<ToolInspectorProps, 'profileId' | 'onClose'> {
  known: KnownEntry | undefined;
  collisions: readonly Collision[];
  onSelect: EntryPickerProps['onSelect'];
}

/** The tool that is looked at, else what the whole profile is set to. */
function Inspected({ known, collisions, editor, editable, onSelect, ...rest }: InspectedProps) {
  if (known?.kind !== 'tool') return <WholeProfile editor={editor} editable={editable} />;
  const key = toServerEntryKey(toEntryRef(known));
  return (
    <ToolInspector
      key={key}
      {...rest}
      known={known}
      tool={getTools(editor.draft).find((tool) => toServerEntryKey(tool) === key) ?? null}
      collision={findEntryCollision(collisions, key)}
      editable={editable}
      onChange={(next) => editor.change((before) => withChange(before, key, next))}
      onSelect={(on) => onSelect([known], on)}
    />
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
