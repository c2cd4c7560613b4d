'use client';

import { useState } from 'react';

import type { Permission } from '../../trpc/use-me.ts';
import { Checkbox } from '../../ui/form/checkbox.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { hasSingleKeys, setKeysOn } from '../../ui/overlay/single-keys.ts';
import { NAVIGATION } from './navigation.ts';

interface Key {
  keys: readonly string[];
  does: string;
}

const ANYWHERE: readonly Key[] = [
  { keys: ['⌘ K', 'Ctrl K'], does: 'Find anything, or go somewhere' },
  { keys: ['?'], does: 'This sheet' },
  { keys: ['['], does: 'Fold or unfold the sidebar' },
];

const LISTS: readonly Key[] = [
  { keys: ['/'], does: 'Search the list' },
  { keys: ['J'], does: 'Next row, while one is open' },
  { keys: ['K'], does: 'Row before, while one is open' },
  { keys: ['Esc'], does: 'Close what is open' },
];

const REVIEWS: readonly Key[] = [{ keys: ['E'], does: 'Words or exact JSON of the entry in focus' }];

export interface KeysSheetProps {
  can: (permission: Permission) => boolean;
  onClose: () => void;
}

/** Every key that acts by itself, and the way to turn them off. */
export function KeysSheet({ can, onClose }: KeysSheetProps) {
  const [isOn, setOn] = useState(hasSingleKeys);
  const places = NAVIGATION.flatMap((group) => group.items)
    .filter(({ needs }) => can(needs))
    .map(({ label, key }) => ({ keys: [`G ${key.toUpperCase()}`], does: label }));
  return (
    <Dialog open onOpenChange={onClose} title="Keyboard shortcuts" size="large">
      <div className="flex flex-col gap-5">
        <div className="grid gap-5 sm:grid-cols-2">
          <Section title="Anywhere" keys={ANYWHERE} />
          <Section title="Lists" keys={LISTS} />
          <Section title="In a review" keys={REVIEWS} />
          <Section title="Go to" keys={places} />
        </div>
        <Checkbox
          label="Shortcuts of one key"
          hint="On in this browser. Without them ⌘ K and Esc still work, and everything has a button."
          checked={isOn}
          onCheckedChange={(checked) => {
            setOn(checked);
            setKeysOn(checked);
          }}
        />
      </div>
    </Dialog>
  );
}

function Section({ title, keys }: { title: string; keys: readonly Key[] }) {
  return (
    <section>
      <h3 className="mb-2 text-xs font-medium text-subtle">{title}</h3>
      <dl className="flex flex-col gap-1.5">
        {keys.map(({ keys: names, does }) => (
          <div key={does} className="flex items-center gap-3">
            <dt className="flex w-28 shrink-0 gap-1">
              {names.map((name) => (
                <kbd
                  key={name}
                  className="rounded-chip border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs whitespace-nowrap"
                >
                  {name}
                </kbd>
              ))}
            </dt>
            <dd className="min-w-0">{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
