'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Banner, Card } from '../../ui/card.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { FullTime, RelativeTime } from '../../ui/relative-time.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import {
  actionWords,
  addTallies,
  initialDraft,
  isDestructive,
  type ReviewDraft,
  type Tally,
  tallyOf,
  type ToolDraft,
} from './decision-draft.ts';
import { initialItems, itemTally } from './item-draft.ts';
import { ItemSection } from './item-section.tsx';
import { detailOf, hiddenCharacters, type ReviewDetail, summarySentences } from './summary.ts';
import { ToolReview } from './tool-review.tsx';

const STATE = {
  open: { tone: 'warn', word: 'Open' },
  decided: { tone: 'ok', word: 'Decided' },
  superseded: { tone: 'neutral', word: 'Replaced' },
  expired: { tone: 'warn', word: 'Expired' },
} as const satisfies Record<ReviewDetail['review']['state'], unknown>;

/** Everything that is needed to decide one revision of a server, and the decision itself. */
export function ReviewPage({ reviewId }: { reviewId: string }) {
  const trpc = useTRPC();
  const review = useQuery(trpc.review.get.queryOptions({ reviewId }));
  return (
    <Loaded query={review} errorTitle="The review could not be loaded">
      {(reviewed) => (
        <Page key={`${reviewed.review.state} ${reviewed.review.decidedAt?.getTime() ?? 0}`} detail={detailOf(reviewed)} />
      )}
    </Loaded>
  );
}

function Page({ detail }: { detail: ReviewDetail }) {
  const { review, server, canDecide, canApproveDestructive } = detail;
  const [draft, setDraft] = useState(() => initialDraft(detail));
  const [itemDraft, setItemDraft] = useState(() => initialItems(detail));
  const [again, setAgain] = useState(false);
  const [deciding, setDeciding] = useState(false);
  const editable = canDecide.ok && (review.state === 'open' || again);
  return (
    <>
      <PageHeader
        title={`${server.name} · revision ${review.revision.number}`}
        status={<Badge tone={STATE[review.state].tone}>{STATE[review.state].word}</Badge>}
        sub={<Origin detail={detail} />}
        actions={
          <>
            {editable && <ApproveRest detail={detail} draft={draft} onChange={setDraft} />}
            {review.state === 'decided' && canDecide.ok && !again && <Button onClick={() => setAgain(true)}>Decide again</Button>}
            {editable && (
              <DecideButton
                tally={addTallies(tallyOf(draft), itemTally(itemDraft))}
                onlyTools={detail.items.length === 0}
                onClick={() => setDeciding(true)}
              />
            )}
          </>
        }
      />
      <div className="flex flex-col gap-4">
        {!canDecide.ok && review.state === 'open' && <Banner tone="info">{canDecide.reason}</Banner>}
        {editable && !canApproveDestructive.ok && (
          <Banner tone="info">{canApproveDestructive.reason} You may decide the rest, or reject.</Banner>
        )}
        <Summary detail={detail} />
        <ToolSection detail={detail} draft={draft} editable={editable} onChange={setDraft} />
        {(['instructions', 'prompts', 'resources'] as const).map((group) => (
          <ItemSection key={group} group={group} detail={detail} draft={itemDraft} editable={editable} onChange={setItemDraft} />
        ))}
      </div>
      <DecideDialog
        detail={detail}
        draft={draft}
        itemDraft={itemDraft}
        again={again}
        open={deciding}
        onOpenChange={setDeciding}
      />
    </>
  );
}

/** Says what it would decide, or how much is missing before it can. */
function DecideButton({ tally, onlyTools, onClick }: { tally: Tally; onlyTools: boolean; onClick: () => void }) {
  const { approved, rejected, undecided } = tally;
  const refusal = undecided > 0 ? `Decide ${undecided === 1 ? '1 more' : `${undecided} more`} first.` : undefined;
  return (
    <Button variant="primary" disabledReason={refusal} onClick={onClick}>
      {undecided > 0 ? `${undecided} of ${approved + rejected + undecided} undecided` : `${actionWords(tally, onlyTools)}…`}
    </Button>
  );
}

interface ToolSectionProps {
  detail: ReviewDetail;
  draft: ReviewDraft;
  editable: boolean;
  onChange: (change: (before: ReviewDraft) => ReviewDraft) => void;
}

/** The tools of a revision, each to be decided alone. */
function ToolSection({ detail: { tools, canApproveDestructive }, draft, editable, onChange }: ToolSectionProps) {
  if (tools.length === 0) return null;

  function set(name: string, change: Partial<ToolDraft>): void {
    onChange((before) => {
      const tool = before[name];
      return tool ? { ...before, [name]: { ...tool, ...change } } : before;
    });
  }

  return (
    <section aria-labelledby="tools-title">
      <h2 id="tools-title" className="mb-2 text-sm font-semibold">
        Tools
      </h2>
      <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
        {tools.map((tool) => {
          const chosen = draft[tool.name];
          if (!chosen) return null;
          const refused = !canApproveDestructive.ok && isDestructive(tool, chosen.risk);
          return (
            <li key={tool.name}>
              <ToolReview
                tool={tool}
                draft={chosen}
                editable={editable}
                approveRefusal={refused ? canApproveDestructive.reason : null}
                onChange={(change) => set(tool.name, change)}
              />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Origin({ detail: { review, requestedBy, server } }: { detail: ReviewDetail }) {
  return (
    <>
      {review.state === 'decided' && review.decidedAt ? (
        <>
          Decided <RelativeTime at={review.decidedAt} />
          {review.validUntil && (
            <>
              , valid until <FullTime at={review.validUntil} />
            </>
          )}
        </>
      ) : (
        <>
          Asked for by {requestedBy.name} <RelativeTime at={review.createdAt} />
        </>
      )}{' '}
      · “{server.purpose}”
    </>
  );
}

/** Bulk approval, but never of what is destructive, reaches the open world or hides something: those are read one by one. */
function ApproveRest({
  detail,
  draft,
  onChange,
}: {
  detail: ReviewDetail;
  draft: ReviewDraft;
  onChange: (draft: ReviewDraft) => void;
}) {
  const plain = detail.tools.filter((tool) => {
    const chosen = draft[tool.name];
    if (!chosen || chosen.verdict !== null || isDestructive(tool, chosen.risk)) return false;
    return chosen.risk !== 'open_world' && hiddenCharacters(tool) === 0;
  });
  if (plain.length < 2) return null;
  const approved = Object.fromEntries(
    plain.flatMap(({ name }) => (draft[name] ? [[name, { ...draft[name], verdict: 'approved' as const }]] : [])),
  );
  return <Button onClick={() => onChange({ ...draft, ...approved })}>Approve {plain.length} that read or write</Button>;
}

function Summary({ detail }: { detail: ReviewDetail }) {
  const path = usePath();
  const { server } = detail;
  return (
    <Card
      title="In plain words"
      actions={
        <LinkButton href={path(`/servers/${server.slug}`)} variant="ghost" size="small">
          Open the server
        </LinkButton>
      }
    >
      <ul className="flex max-w-[76ch] flex-col gap-1 text-base">
        {summarySentences(detail).map((sentence) => (
          <li key={sentence}>
            <UntrustedText text={sentence} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
