'use client';

import { CheckIcon, EyeSlashIcon, ProhibitIcon } from '@phosphor-icons/react/ssr';

import { Badge } from '../../ui/badge.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Expandable } from '../../ui/expandable.tsx';
import { Input } from '../../ui/input.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import type { ItemDraft } from './item-draft.ts';
import { ItemDefinitionView } from './item-definition-view.tsx';
import { hiddenCharacters, type ReviewItem } from './summary.ts';
import { Verdict } from './tool-review.tsx';

const CHANGE = { new: 'New', changed: 'Changed', unchanged: null } as const;

export interface ItemReviewProps {
  item: ReviewItem;
  draft: ItemDraft;
  editable: boolean;
  onChange: (change: Partial<ItemDraft>) => void;
}

/** One prompt, resource or template: a line to scan, and below it all that AI clients would read of it. */
export function ItemReview({ item, draft, editable, onChange }: ItemReviewProps) {
  const hidden = hiddenCharacters(item);
  const change = CHANGE[item.change];
  return (
    <Expandable
      defaultOpen={item.change === 'changed' || hidden > 0}
      summary={
        <span className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          <span className="min-w-0 font-mono font-medium break-all">
            <UntrustedText text={item.name} />
          </span>
          {item.kind === 'template' && <Badge>Template</Badge>}
          {change && <Badge tone="info">{change}</Badge>}
          {hidden > 0 && (
            <Badge tone="danger" icon={EyeSlashIcon}>
              {hidden === 1 ? '1 hidden character' : `${hidden} hidden characters`}
            </Badge>
          )}
        </span>
      }
      actions={
        editable ? (
          <Choice
            label={`Decision on ${item.name}`}
            value={draft.verdict}
            onValueChange={(verdict) => onChange({ verdict })}
            options={[
              { value: 'approved', label: 'Approve', icon: CheckIcon, tone: 'ok' },
              { value: 'rejected', label: 'Reject', icon: ProhibitIcon, tone: 'danger' },
            ]}
          />
        ) : (
          <Verdict verdict={draft.verdict} />
        )
      }
    >
      <div className="grid gap-6 px-4 py-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <ItemDefinitionView item={item} />
        <div className="flex min-w-0 flex-col gap-4">
          {editable ? (
            <Input
              label="Note"
              optional
              maxLength={1_000}
              placeholder={draft.verdict === 'rejected' ? 'Why, and what would change it' : 'Why it is fine'}
              value={draft.note}
              onChange={(event) => onChange({ note: event.target.value })}
            />
          ) : (
            draft.note !== '' && (
              <p>
                <span className="block text-xs text-subtle">Note</span>
                {draft.note}
              </p>
            )
          )}
          {item.decision.decidedBy && <p className="text-xs text-subtle">Decided by {item.decision.decidedBy.name}</p>}
        </div>
      </div>
    </Expandable>
  );
}
