'use client';

import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { cn } from '../../ui/cn.ts';
import { Input } from '../../ui/form/input.tsx';
import { leaveBy } from '../../ui/form/leaving.ts';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { listPaletteEntries, type PaletteEntry } from './palette-entries.ts';
import { readRecent } from './use-recent.ts';

/** The database is asked once the typing rests for this long, milliseconds. */
const REST_MS = 150;

export interface PaletteProps {
  /** the person and the workspace, whose recent pages are offered */
  owner: string;
  onClose: () => void;
}

/** Finds objects by name or id, places and actions, and goes there. */
export function Palette({ owner, onClose }: PaletteProps) {
  const router = useRouter();
  const path = usePath();
  const { can } = useMe();
  const [text, setText] = useState('');
  const [recent] = useState(() => readRecent(owner));
  const found = useFound(text.trim());
  const entries = listPaletteEntries({ text: useDeferredValue(text.trim()), can, recent, found });
  function choose({ path: to }: PaletteEntry): void {
    onClose();
    leaveBy(() => router.push(path(to)));
  }
  return (
    <Dialog open onOpenChange={onClose} title="Find or go to">
      <Chooser text={text} onText={setText} entries={entries} onChoose={choose} />
    </Dialog>
  );
}

function useFound(text: string) {
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), REST_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const found = useQuery(
    useTRPC().search.objects.queryOptions({ text: asked }, { enabled: asked !== '', placeholderData: (before) => before }),
  );
  return text === '' || asked === '' ? [] : (found.data ?? []);
}

interface ChooserProps {
  text: string;
  onText: (text: string) => void;
  entries: readonly PaletteEntry[];
  onChoose: (entry: PaletteEntry) => void;
}

/** A field whose arrow keys move through the lines below it. */
function Chooser({ text, onText, entries, onChoose }: ChooserProps) {
  const id = useId();
  const [at, setAt] = useState(0);
  const index = Math.min(at, entries.length - 1);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // browsers return a promise from here, which is nothing to clean up by
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [index]);

  function move(event: KeyboardEvent): void {
    const entry = entries[index];
    if (event.key === 'Enter' && entry) onChoose(entry);
    else if (event.key === 'ArrowDown') setAt((index + 1) % Math.max(1, entries.length));
    else if (event.key === 'ArrowUp') setAt((index - 1 + entries.length) % Math.max(1, entries.length));
    else return;
    event.preventDefault();
  }

  return (
    <>
      <Input
        role="combobox"
        className="mt-1"
        aria-label="Name, id or place"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={index < 0 ? undefined : `${id}-${index}`}
        autoComplete="off"
        placeholder="Name, id or place"
        value={text}
        onChange={(event) => {
          onText(event.target.value);
          setAt(0);
        }}
        onKeyDown={move}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label="What there is" className="mt-3 max-h-80 overflow-y-auto">
        {entries.map((entry, place) => (
          <Line
            key={`${entry.group} ${entry.path} ${entry.label}`}
            id={`${id}-${place}`}
            entry={entry}
            isFirst={entry.group !== entries[place - 1]?.group}
            isOn={place === index}
            onChoose={onChoose}
          />
        ))}
      </div>
      {entries.length === 0 && <p className="mt-3 text-muted">Nothing is called so.</p>}
    </>
  );
}

interface LineProps {
  id: string;
  entry: PaletteEntry;
  /** of its group, whose name stands before it */
  isFirst: boolean;
  isOn: boolean;
  onChoose: (entry: PaletteEntry) => void;
}

function Line({ id, entry, isFirst, isOn, onChoose }: LineProps) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={isOn}
      tabIndex={-1}
      onMouseDown={(event) => {
        // the field keeps the focus until the page goes
        event.preventDefault();
        onChoose(entry);
      }}
      className={cn(
        'flex min-h-8 cursor-default items-center gap-3 rounded-control px-2 py-1 pointer-coarse:min-h-10',
        isOn ? 'bg-active' : 'hover:bg-sunken',
      )}
    >
      <span className="w-14 shrink-0 text-xs text-subtle">{isFirst && entry.group}</span>
      <span className="min-w-0 flex-1 truncate">{entry.label}</span>
      <span className="max-w-1/2 truncate text-xs text-subtle">{entry.hint}</span>
    </div>
  );
}
