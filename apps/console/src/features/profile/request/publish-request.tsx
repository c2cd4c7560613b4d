'use client';

import { PaperPlaneTiltIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { Button } from '../../../ui/button.tsx';
import { FormError, TextareaField, useSchemaForm } from '../../../ui/form/form.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { FormDialog } from '../../../ui/overlay/form-dialog.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { ProfileDetail, StaffDraft } from '../draft/draft.ts';
import { VersionChanges } from '../publish/version-changes-list.tsx';

export type PublishRequest = ApiOutput['profile']['publishRequests']['rows'][number];

/** The newest request of a profile; undefined: none, or not known yet. */
export function useNewestRequest(profileId: string): PublishRequest | undefined {
  const { data } = useQuery(useTRPC().profile.publishRequests.queryOptions({ profileId, limit: 1 }));
  return data?.rows[0];
}

const Ask = z.object({ note: z.string().max(1_000) });
const SendBack = z.object({ reason: z.string().trim().min(1, 'Say what is to be changed.').max(1_000) });

export interface AskToPublishProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  /** why there is nothing to ask for now */
  disabledReason: string | undefined;
}

/** For who edits a draft and may not publish it: asks those who may. */
export function AskToPublish({ detail: { profile, published }, stored, disabledReason }: AskToPublishProps) {
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const form = useSchemaForm(Ask, { note: '' });
  const ask = useMutation(
    useTRPC().profile.requestPublish.mutationOptions({
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
        description="An admin or an owner sees it with what it changes, and publishes it or sends it back with a reason."
        form={form}
        onSubmit={({ note }) => ask.mutate({ profileId: profile.id, note })}
        submitLabel="Ask to publish"
        pending={ask.isPending}
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

export interface RequestBannerProps {
  request: PublishRequest | undefined;
  /** opens the dialog that publishes */
  onPublish: () => void;
  /** why it cannot be published now */
  publishProblem: string | undefined;
}

/** What was asked for and waits, for those who decide and who asked; and what was sent back, with the reason. */
export function RequestBanner({ request, onPublish, publishProblem }: RequestBannerProps) {
  const { me, can } = useMe();
  if (request?.state === 'sent_back') return <SentBack request={request} />;
  if (request?.state !== 'open') return null;
  const own = request.requestedBy.id === me?.membershipId;
  const who = own ? 'You asked' : `${request.requestedBy.name} asked`;
  return (
    <Banner
      tone="info"
      className="mb-4"
      title={`${who} for this draft to be published`}
      action={
        <>
          {can('profile.publish') && (
            <Button size="small" disabledReason={publishProblem} onClick={onPublish}>
              Look at it and publish
            </Button>
          )}
          {can('profile.publish') && !own && <SendBackButton request={request} />}
          {own && <WithdrawButton request={request} />}
        </>
      }
    >
      <RelativeTime at={request.requestedAt} />
      {request.note !== '' && <span className="break-words">: “{request.note}”</span>}
      {request.isDraftNewer && ' The draft was changed since then.'}
    </Banner>
  );
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

function SendBackButton({ request }: { request: PublishRequest }) {
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const form = useSchemaForm(SendBack, { reason: '' });
  const sendBack = useMutation(
    useTRPC().profile.sendBackRequest.mutationOptions({
      onSuccess: () => {
        toast({ title: `Sent back to ${request.requestedBy.name}` });
        setOpen(false);
      },
    }),
  );
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Send back…
      </Button>
      <FormDialog
        open={open}
        onOpenChange={setOpen}
        title={`Send it back to ${request.requestedBy.name}?`}
        description="Nothing is published. The reason is shown on the profile."
        form={form}
        onSubmit={({ reason }) => sendBack.mutate({ requestId: request.id, reason })}
        submitLabel="Send back"
        pending={sendBack.isPending}
      >
        <TextareaField control={form.control} name="reason" label="What is to be changed?" rows={3} maxLength={1_000} />
        <FormError error={sendBack.error} fields={{ reason: 'reason' }} />
      </FormDialog>
    </>
  );
}
