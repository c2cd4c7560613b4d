'use client';

import { PaperPlaneTiltIcon } from '@phosphor-icons/react/ssr';
import { skipToken, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { FormError, TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { ProfileDetail, StaffDraft } from '../draft/draft.ts';
import { VersionChanges } from '../publish/version-changes-list.tsx';
import type { PublishRequest } from './request-words.ts';
import { SendBackButton } from './send-back.tsx';

/** Of a profile one request of the draft and one to roll back are open at a time. */
const MOST_OPEN = 2;

/** The newest request of a profile; undefined: none, or not known yet. */
function useNewestRequest(profileId: string): PublishRequest | undefined {
  const { data } = useQuery(useTRPC().profile.publishRequests.queryOptions({ profileId, limit: 1 }));
  return data?.rows[0];
}

function useOpenRequests(profileId: string): readonly PublishRequest[] {
  const { data } = useQuery(useTRPC().profile.publishRequests.queryOptions({ profileId, state: 'open', limit: MOST_OPEN }));
  return data?.rows ?? [];
}

/** Whether somebody has asked for the draft of a profile, or published it, and that waits. */
export function useIsAsked(profileId: string): boolean {
  return useOpenRequests(profileId).some(({ rolledBackTo }) => rolledBackTo === null);
}

/** Why what is in the draft now is not published a second time: somebody has published exactly that, and its owner is still to agree. */
export function useWait({ profile: { id }, asks }: ProfileDetail, enabled: boolean): string | undefined {
  const request = useOpenRequests(id).find(({ proposed, rolledBackTo }) => proposed !== null && rolledBackTo === null);
  const isAsked = enabled && request !== undefined && asks !== null && !asks.isYou;
  const { data } = useQuery(
    useTRPC().profile.publishRequest.queryOptions(isAsked ? { requestId: request.id } : skipToken, { staleTime: 0 }),
  );
  if (!isAsked || !data?.offer?.isProposed || data.offer.isAgreed) return undefined;
  return `${request.proposed?.by.name} has published exactly this. It waits for ${asks.owner.name} to agree.`;
}

const Ask = z.object({ note: z.string().max(1_000) });

export interface AskToPublishProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  /** why there is nothing to ask for now */
  disabledReason: string | undefined;
}

/** For who edits a draft and may not publish it: asks those who may. */
export function AskToPublish({ detail: { profile, published, asks }, stored, disabledReason }: AskToPublishProps) {
  const trpc = useTRPC();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const form = useSchemaForm(Ask, { note: '' });
  const preview = useQuery(
    trpc.profile.preview.queryOptions({ profileId: profile.id, of: 'draft' }, { enabled: open, staleTime: 0 }),
  );
  const ask = useMutation(
    trpc.profile.requestPublish.mutationOptions({
      onSuccess: () => {
        toast({ title: 'Admins and owners are asked to publish it' });
        setOpen(false);
      },
    }),
  );
  const next = (published?.version ?? 0) + 1;
  return (
    <>
      <Button variant="primary" icon={PaperPlaneTiltIcon} disabledReason={disabledReason} onClick={() => setOpen(true)}>
        Ask to publish version {next}
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title={`Ask to publish version ${next} of ${profile.name}?`}
        description={`An admin or an owner sees it with what it changes, and publishes it or sends it back with a reason.${describeOwner(asks)}`}
        form={form}
        onSubmit={({ note }) => ask.mutate({ profileId: profile.id, note, expected: preview.data?.contentHash })}
        submitLabel="Ask to publish"
        pending={ask.isPending || preview.isFetching}
      >
        <TextareaField
          control={form.control}
          name="note"
          label="What is it for?"
          optional
          rows={3}
          maxLength={1_000}
          placeholder="The desk needs refunds from Monday on."
        />
        <VersionChanges
          title={published ? `Different from version ${published.version}` : 'The first version'}
          after={{ ...stored, name: profile.name, description: profile.description }}
          before={published?.document ?? null}
        />
        <FormError error={ask.error} fields={{ note: 'note' }} />
      </FormDialog>
    </>
  );
}

/** Who has to agree beside whoever publishes. */
function describeOwner(asks: ProfileDetail['asks']): string {
  if (asks === null) return '';
  return asks.isYou ? ' You own it, so you agree to it by asking.' : ` ${asks.owner.name} has to agree as well.`;
}

export interface RequestBannersProps {
  detail: ProfileDetail;
  /** opens the dialog that publishes */
  onPublish: () => void;
  /** why it cannot be published now */
  publishProblem: string | undefined;
}

/** What was asked for or published and waits, for those who decide and who asked; and what was sent back, with the reason. */
export function RequestBanners({ detail, ...props }: RequestBannersProps) {
  const newest = useNewestRequest(detail.profile.id);
  const open = useOpenRequests(detail.profile.id);
  return (
    <>
      {open.map((request) => (
        <OpenRequest key={request.id} request={request} asks={detail.asks} {...props} />
      ))}
      {newest?.state === 'sent_back' && <SentBack request={newest} />}
    </>
  );
}

interface OpenRequestProps extends Omit<RequestBannersProps, 'detail'> {
  request: PublishRequest;
  /** who has to agree before it takes effect */
  asks: ProfileDetail['asks'];
}

function OpenRequest({ request, asks, onPublish, publishProblem }: OpenRequestProps) {
  const path = usePath();
  const { me, can } = useMe();
  const own = request.requestedBy.id === me?.membershipId;
  const { proposed, rolledBackTo } = request;
  const isForPublisher = proposed === null && can('profile.publish');
  return (
    <Banner
      tone={proposed ? 'warn' : 'info'}
      className="mb-4"
      title={describeOpen(request, asks, own)}
      action={
        <>
          {isForPublisher && (
            <Button size="small" disabledReason={publishProblem} onClick={onPublish}>
              Look at it and publish
            </Button>
          )}
          {(asks || proposed) && (
            <LinkButton size="small" href={path(`/publish-requests/${request.id}`)}>
              {asks?.isYou ? 'Look at it and agree' : 'Look at it'}
            </LinkButton>
          )}
          {can('profile.publish') && !own && <SendBackButton size="small" request={request} />}
          {own && <WithdrawButton request={request} />}
        </>
      }
    >
      {proposed ? (
        <>
          Published by {proposed.by.name} <RelativeTime at={proposed.at} />. Nothing of it is served yet.
        </>
      ) : (
        <RelativeTime at={request.requestedAt} />
      )}
      {request.note !== '' && <span className="break-words">: “{request.note}”</span>}
      {proposed === null && asks && <> {describeConsent(request, asks)}</>}
      {request.isDraftNewer && rolledBackTo === null && ' The draft was changed since then.'}
    </Banner>
  );
}

/** What waits for whom. */
function describeOpen(
  { proposed, requestedBy, rolledBackTo }: PublishRequest,
  asks: ProfileDetail['asks'],
  own: boolean,
): string {
  if (proposed === null) return `${own ? 'You asked' : `${requestedBy.name} asked`} for this draft to be published`;
  const owner = asks === null ? 'its owner' : asks.isYou ? 'you' : asks.owner.name;
  return rolledBackTo === null
    ? `It waits for ${owner} to agree`
    : `Going back to version ${rolledBackTo} waits for ${owner} to agree`;
}

function describeConsent({ consented }: PublishRequest, { owner, isYou }: NonNullable<ProfileDetail['asks']>): string {
  if (consented) return `${consented.by.name} has agreed.`;
  return isYou ? 'You own it, and agree by publishing it.' : `${owner.name} has to agree as well.`;
}

function SentBack({ request: { decidedBy, decidedAt, reason } }: { request: PublishRequest }) {
  return (
    <Banner tone="warn" className="mb-4" title={`${decidedBy?.name ?? 'Somebody'} sent the request to publish back`}>
      {decidedAt && <RelativeTime at={decidedAt} />}
      {reason !== null && <span className="break-words">: “{reason}”</span>}
    </Banner>
  );
}

function WithdrawButton({ request: { id } }: { request: PublishRequest }) {
  const withdraw = useMutation(useTRPC().profile.withdrawRequest.mutationOptions());
  return (
    <>
      <Button size="small" loading={withdraw.isPending} onClick={() => withdraw.mutate({ requestId: id })}>
        Withdraw the request
      </Button>
      {withdraw.error && <ErrorLine error={withdraw.error} />}
    </>
  );
}
