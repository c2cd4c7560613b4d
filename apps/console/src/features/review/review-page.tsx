'use client';

import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Tabs } from '../../ui/layout/tabs.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { DayTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { ReviewConsent } from './consent/review-consent.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { describeTally, filterPlainTools, hasOnlyTools, listUnseen, type ReviewDraft, countVerdicts } from './decision-draft.ts';
import { Discussion } from './discussion/discussion.tsx';
import { TakeBack } from './discussion/take-back.tsx';
import { buildDecisionKey } from './draft/kept-draft.ts';
import { KeptNote } from './draft/kept-note.tsx';
import { RejectTogether } from './draft/reject-together.tsx';
import { type TogetherProps, useDecideTogether } from './draft/use-decide-together.ts';
import { useReviewDraft } from './draft/use-review-draft.ts';
import { EntrySection, type EntrySectionProps } from './entry-section.tsx';
import { HeldBackCard } from './held-back.tsx';
import { SecondPerson } from './second-person.tsx';
import { type ReviewDetail, type ReviewEntry, describeReview } from './summary.ts';

const STATE = {
  open: { tone: 'warn', word: 'Open' },
  decided: { tone: 'ok', word: 'Decided' },
  superseded: { tone: 'neutral', word: 'Replaced' },
  expired: { tone: 'warn', word: 'Expired' },
} as const satisfies Record<ReviewDetail['review']['state'], unknown>;

const PARTS = ['offer', 'provenance'] as const;

/** Everything that is needed to decide one revision of a server, and the decision itself. `provenance`: where it comes from. */
export function ReviewPage({ reviewId, provenance }: { reviewId: string; provenance: ReactNode }) {
  const trpc = useTRPC();
  const userId = useMe().me?.userId ?? null;
  const review = useQuery(trpc.review.get.queryOptions({ reviewId }));
  return (
    <Loaded isPage query={review} errorTitle="The review could not be loaded">
      {(detail) => <Page key={`${buildDecisionKey(detail)} ${userId}`} detail={detail} userId={userId} provenance={provenance} />}
    </Loaded>
  );
}

function findAddress(stored: unknown): string | null {
  const { data } = ServerTransport.safeParse(stored);
  if (!data) return null;
  return data.kind === 'stdio' ? `the entry ${data.entry}` : data.kind === 'http' ? data.url : data.baseUrl;
}

/** What the form of an open review starts with, where its server has another address by now. */
function FormerNote({ detail: { review, entries, server } }: { detail: ReviewDetail }) {
  if (review.state !== 'open' || entries.every(({ former }) => former === null)) return null;
  return (
    <Banner tone="warn" title="This server has another address since this was decided">
      It is reached at{' '}
      <span className="font-mono wrap-anywhere">{findAddress(server.transport) ?? 'an address that cannot be read'}</span> now.
      What was approved at the address before has ended. What is the same here is filled in as it was decided there; nothing of it
      counts before you decide.
    </Banner>
  );
}

function Page({ detail, userId, provenance }: { detail: ReviewDetail; userId: string | null; provenance: ReactNode }) {
  const { review, server, waiting, canApprove } = detail;
  const mayDecide = useMe().now(detail.canDecide).ok;
  const [part, setPart] = useQueryState(
    'part',
    parseAsStringLiteral(PARTS).withDefault('offer').withOptions({ history: 'push' }),
  );
  const editor = useReviewDraft(detail, userId);
  const { draft, setDraft, again, setAgain } = editor;
  const [deciding, setDeciding] = useState(false);
  const isDecided = review.state === 'decided' || waiting !== null;
  const editable = mayDecide && (!isDecided || again);
  return (
    <>
      <PageHeader
        title={`${server.name} · revision ${review.revision.number}`}
        status={<Badge tone={STATE[review.state].tone}>{STATE[review.state].word}</Badge>}
        sub={<Origin detail={detail} />}
        actions={
          <>
            {editable && canApprove.ok && <ApproveRest detail={detail} draft={draft} onChange={setDraft} />}
            {editable && <RejectTools detail={detail} draft={draft} onChange={setDraft} />}
            {isDecided && mayDecide && !again && <Button onClick={() => setAgain(true)}>Decide again</Button>}
          </>
        }
        primary={
          editable && (
            <DecideButton draft={draft} entries={detail.entries} onClick={() => setDeciding(true)} className="max-md:hidden" />
          )
        }
      />
      <div className="flex flex-col gap-4">
        <Refusals detail={detail} editable={editable} />
        <KeptNote editor={editor} editable={editable} />
        <FormerNote detail={detail} />
        <Missing detail={detail} />
        {!again && <TakeBack detail={detail} />}
        <PartTabs part={part} onChange={(next) => void setPart(next)} count={detail.entries.length} />
        {part === 'provenance' && provenance}
        <Offer detail={detail} draft={draft} editable={editable} onChange={setDraft} hidden={part !== 'offer'} />
      </div>
      {editable && part === 'offer' && (
        // On a phone the last entry is far below the top of the page.
        <div className="sticky bottom-0 -mx-4 -mb-5 mt-4 flex border-t border-line bg-canvas px-4 py-2 md:hidden">
          <DecideButton draft={draft} entries={detail.entries} onClick={() => setDeciding(true)} className="flex-1" />
        </div>
      )}
      {/* its form starts with what is decided when it opens */}
      {deciding && (
        <DecideDialog detail={detail} draft={draft} again={again} open onOpenChange={setDeciding} onDecided={editor.forget} />
      )}
    </>
  );
}

type OfferProps = Omit<EntrySectionProps, 'group' | 'maySettle'> & { hidden: boolean };

/** All that is decided, and what was said of it. Hidden it stays as it was left: what is open in it, and how far its lists are shown. */
function Offer({ hidden, ...section }: OfferProps) {
  const { detail } = section;
  const maySettle = useMe().now(detail.canDecide).ok && detail.canApprove.ok;
  return (
    <div hidden={hidden} className="flex flex-col gap-4 [&[hidden]]:hidden">
      <Summary detail={detail} />
      <HeldBackCard heldBack={detail.heldBack} />
      {(['tools', 'instructions', 'prompts', 'resources'] as const).map((group) => (
        <EntrySection key={group} group={group} maySettle={maySettle} {...section} />
      ))}
      <Discussion detail={detail} />
    </div>
  );
}

interface PartTabsProps {
  part: (typeof PARTS)[number];
  onChange: (part: (typeof PARTS)[number]) => void;
  /** entries that it offers */
  count: number;
}

function PartTabs({ part, onChange, count }: PartTabsProps) {
  return (
    <Tabs
      label="Parts of the review"
      value={part}
      onValueChange={onChange}
      tabs={[
        { value: 'offer', label: 'What it offers', count },
        { value: 'provenance', label: 'Provenance' },
      ]}
    />
  );
}

/** Why who looks may not decide it, or not approve it. */
function Refusals({ detail, editable }: { detail: ReviewDetail; editable: boolean }) {
  const { review, waiting, canDecide, canApprove, canBreakGlass, glassOver } = detail;
  return (
    <>
      {/* of what waits for a second person it is said there */}
      {!canDecide.ok && review.state === 'open' && !waiting && <Banner tone="info">{canDecide.reason}</Banner>}
      {editable && !canApprove.ok && (
        <Banner tone="info">
          {canApprove.reason}{' '}
          {canBreakGlass.ok ? 'Until then you can decide by break-glass.' : (glassOver?.reason ?? 'You may reject it.')}
        </Banner>
      )}
    </>
  );
}

/** Who has still to come before what is decided takes effect. */
function Missing({ detail }: { detail: ReviewDetail }) {
  const { waiting, consent } = detail;
  return (
    <>
      {waiting && !waiting.isSeconded && <SecondPerson detail={detail} waiting={waiting} />}
      {consent?.missing && <ReviewConsent detail={detail} consent={consent} />}
    </>
  );
}

/** Says what it would decide, or how much is missing before it can. */
function describeUnseen([first, ...others]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  return `Look at what was found in ${others.length === 0 ? first : `${others.length + 1} entries`} and tick it first.`;
}

interface DecideButtonProps {
  draft: ReviewDraft;
  entries: readonly ReviewEntry[];
  onClick: () => void;
  className: string;
}

function DecideButton({ draft, entries, onClick, className }: DecideButtonProps) {
  const tally = countVerdicts(draft);
  const { approved, rejected, undecided } = tally;
  const refusal = undecided > 0 ? `Decide ${undecided} more first.` : describeUnseen(listUnseen(draft, entries));
  return (
    <Button variant="primary" disabledReason={refusal} onClick={onClick} className={className}>
      {undecided > 0
        ? `${undecided} of ${approved + rejected + undecided} undecided`
        : `${describeTally(tally, hasOnlyTools(draft))}…`}
    </Button>
  );
}

function Origin({ detail: { review, requestedBy, server } }: { detail: ReviewDetail }) {
  return (
    <>
      {review.state === 'decided' && review.decidedAt ? (
        <>
          Decided{review.decidedBy && ` by ${review.decidedBy.name}`} <RelativeTime at={review.decidedAt} />
          {review.validUntil && (
            <>
              , valid until <DayTime at={review.validUntil} />
            </>
          )}
          {review.confirmedBy && <>, confirmed by {review.confirmedBy.name}</>}
        </>
      ) : (
        <>
          {requestedBy ? `Asked for by ${requestedBy.name}` : 'An agent saw that the server has changed'}{' '}
          <RelativeTime at={review.createdAt} />
        </>
      )}{' '}
      · “{server.purpose}”
    </>
  );
}

/** Bulk approval of the plain tools; the others are read one by one. */
function ApproveRest({ detail, ...rest }: { detail: ReviewDetail } & TogetherProps) {
  const decideTogether = useDecideTogether(rest);
  const plain = filterPlainTools(rest.draft, detail.entries);
  if (plain.length < 2) return null;
  return <Button onClick={() => decideTogether(plain, 'approved')}>Approve {plain.length} that read or write</Button>;
}

/** Bulk rejection of the tools that are still open. */
function RejectTools({ detail, ...rest }: { detail: ReviewDetail } & TogetherProps) {
  return <RejectTogether noun="tool" entries={detail.entries.filter(({ kind }) => kind === 'tool')} {...rest} />;
}

function Summary({ detail }: { detail: ReviewDetail }) {
  const path = usePath();
  const { server } = detail;
  return (
    <Card
      title="In plain words"
      actions={
        <LinkButton href={path(`/servers/${server.slug}`)} variant="ghost" size="small" className="-mr-2">
          Open the server
        </LinkButton>
      }
    >
      <ul className="flex max-w-[76ch] flex-col gap-1 text-base">
        {describeReview(detail).map((sentence) => (
          <li key={sentence}>
            <UntrustedText text={sentence} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
