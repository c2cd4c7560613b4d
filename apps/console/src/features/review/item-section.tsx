'use client';

import { entryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { entriesIn, ENTRY_GROUPS, type EntryGroup } from '../../ui/entry-group.ts';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { EntryReview } from './entry-review.tsx';
import { ItemDefinitionView } from './item-definition-view.tsx';
import { decideAll, type ItemDraft, type ItemsDraft } from './item-draft.ts';
import { hiddenCharacters, type ReviewDetail, type ReviewItem } from './summary.ts';

export interface ItemSectionProps {
  group: Exclude<EntryGroup, 'tools'>;
  detail: ReviewDetail;
  draft: ItemsDraft;
  editable: boolean;
  onChange: (draft: ItemsDraft) => void;
}

/** The entries of a group that are no tools: each to be decided alone or with the rest. */
export function ItemSection({ group, detail, draft, editable, onChange }: ItemSectionProps) {
  const items = entriesIn(group, detail.items);
  // Decided on before, and no longer offered.
  const removed = entriesIn(group, detail.removedItems);
  if (items.length + removed.length === 0) return null;
  const id = `${group}-title`;

  function set(key: string, change: Partial<ItemDraft>): void {
    const before = draft[key];
    if (before) onChange({ ...draft, [key]: { ...before, ...change } });
  }

  return (
    <section aria-labelledby={id}>
      <div className="mb-2 flex min-h-7 flex-wrap items-center justify-between gap-2">
        <h2 id={id} className="text-sm font-semibold">
          {ENTRY_GROUPS[group].title}
        </h2>
        {editable && <DecideTogether items={items} draft={draft} onChange={onChange} />}
      </div>
      <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
        {items.map((item) => {
          const chosen = draft[entryKey(item)];
          if (!chosen) return null;
          return (
            <li key={entryKey(item)}>
              <EntryReview
                entry={item}
                draft={chosen}
                editable={editable}
                onChange={(change) => set(entryKey(item), change)}
                badge={item.kind === 'template' && <Badge>Template</Badge>}
                definition={<ItemDefinitionView item={item} />}
              />
            </li>
          );
        })}
        {removed.map((item) => (
          <li key={entryKey(item)} className="flex flex-wrap items-center gap-x-3 px-4 py-2.5 text-subtle">
            <span className="min-w-0 font-mono break-all line-through">
              <UntrustedText text={item.name} />
            </span>
            <span className="text-xs">No longer offered. It is off.</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type DecideTogetherProps = Pick<ItemSectionProps, 'draft' | 'onChange'> & { items: readonly ReviewItem[] };

/** Decides everything that is still open at once. What hides something from its reader is approved one by one. */
function DecideTogether({ items, draft, onChange }: DecideTogetherProps) {
  const open = items.filter((item) => draft[entryKey(item)]?.verdict === null);
  const plain = open.filter((item) => hiddenCharacters(item) === 0);
  if (open.length < 2) return null;
  return (
    <div className="flex gap-2">
      {plain.length > 0 && (
        <Button size="small" onClick={() => onChange(decideAll(draft, plain, 'approved'))}>
          Approve {plain.length === items.length ? `all ${plain.length}` : plain.length}
        </Button>
      )}
      <Button size="small" onClick={() => onChange(decideAll(draft, open, 'rejected'))}>
        Reject {open.length === items.length ? `all ${open.length}` : open.length}
      </Button>
    </div>
  );
}
