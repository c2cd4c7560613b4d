'use client';

import { useState } from 'react';

import { Button } from '../../../ui/button.tsx';
import { Choice } from '../../../ui/form/choice.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import type { DraftConflict } from './merge-drafts.ts';
import type { DraftEditor } from './use-draft.ts';

type Side = 'mine' | 'theirs';

/** What two people set otherwise, thing by thing; everything else of both is put together already. */
export function DraftConflicts({ editor: { conflicts, settle } }: { editor: Pick<DraftEditor, 'conflicts' | 'settle'> }) {
  const [chosen, setChosen] = useState<Readonly<Record<string, Side>>>({});
  const open = conflicts.filter(({ key }) => chosen[key] === undefined);
  const takeAll = (side: Side): void => settle(new Set(side === 'mine' ? conflicts.map(({ key }) => key) : []));
  return (
    <section aria-label="Changed meanwhile" className="flex flex-col gap-2">
      <Banner
        tone="warn"
        title="Somebody else changed this draft too"
        action={
          <>
            <Button size="small" onClick={() => takeAll('mine')}>
              Keep all of mine
            </Button>
            <Button size="small" onClick={() => takeAll('theirs')}>
              Take all of theirs
            </Button>
          </>
        }
      >
        Nothing of yours was saved or lost. What only one of you changed is put together; choose for the rest.
      </Banner>
      <ul className="divide-y divide-line rounded-card border border-line bg-surface">
        {conflicts.map((conflict) => (
          <ConflictRow
            key={conflict.key}
            conflict={conflict}
            value={chosen[conflict.key] ?? null}
            onValueChange={(side) => setChosen({ ...chosen, [conflict.key]: side })}
          />
        ))}
      </ul>
      <Button
        variant="primary"
        size="small"
        className="self-end"
        disabledReason={open.length > 0 ? `Choose for ${open.map(({ label }) => label).join(', ')}.` : undefined}
        onClick={() => settle(new Set(Object.keys(chosen).filter((key) => chosen[key] === 'mine')))}
      >
        Put both together
      </Button>
    </section>
  );
}

interface ConflictRowProps {
  conflict: DraftConflict;
  value: Side | null;
  onValueChange: (side: Side) => void;
}

function ConflictRow({ conflict: { label, mine, theirs }, value, onValueChange }: ConflictRowProps) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-mono text-xs break-words">{label}</p>
        <p className="break-words text-muted">
          Mine: {mine ?? 'taken out'}. Theirs: {theirs ?? 'taken out'}.
        </p>
      </div>
      <Choice
        label={`Which ${label} is to stand`}
        options={[
          { value: 'mine', label: 'Mine' },
          { value: 'theirs', label: 'Theirs' },
        ]}
        value={value}
        onValueChange={onValueChange}
      />
    </li>
  );
}
