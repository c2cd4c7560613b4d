'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { useFormContext, useFormState, useWatch } from 'react-hook-form';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { useAgents } from '../../../trpc/use-agents.ts';
import { useMe } from '../../../trpc/use-me.ts';
import { usePath } from '../../../trpc/use-path.ts';
import { useSites } from '../../../trpc/use-sites.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { cn } from '../../../ui/cn.ts';
import { Form, TextField } from '../../../ui/form/form.tsx';
import { findSaveReason, SaveProblem } from '../../../ui/form/save-problem.tsx';
import { type EditForm as Edit, useEditForm } from '../../../ui/form/use-edit-form.ts';
import { Banner, Card } from '../../../ui/layout/card.tsx';
import { PageHeader } from '../../../ui/layout/page-header.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { NotPermitted, toReadableError } from '../../../ui/status/states.tsx';
import { LimitsSection } from '../add/limits-section.tsx';
import { ProcessesField } from '../add/processes-field.tsx';
import { CredentialFields } from '../form/credential-fields.tsx';
import { SameAddress } from '../form/same-address.tsx';
import { findConnectedAgentId } from '../form/server-form.ts';
import type { ServerDetail } from '../server-state.tsx';
import { describeChange } from './describe-change.ts';
import {
  ADDRESS_WORDS,
  EditForm,
  listEditGroups,
  readPresentServer,
  readTransport,
  toSeenServer,
  toServerUpdate,
} from './edit-form.ts';
import { SitesField } from './sites-field.tsx';

type Sites = ApiOutput['site']['list']['rows'];

/** Changes what a server is called, how it is reached and where; says before what becomes of its approvals. */
export function EditServer({ slug }: { slug: string }) {
  const trpc = useTRPC();
  const { can, isStopped } = useMe();
  const server = useQuery(trpc.server.get.queryOptions({ slug }));
  const sites = useSites();
  return (
    <Loaded isPage query={server} errorTitle="The server could not be loaded">
      {(data) => (
        <>
          <PageHeader title={`Edit ${data.name}`} object={data.name} sub="What changes, and what becomes of what was approved." />
          {!can('server.manage') ? (
            <NotPermitted what="Editing a server" roles="owner or admin" isStopped={isStopped} />
          ) : data.archivedAt !== null ? (
            <Banner tone="info" title="This server is archived">
              Restore it first, then edit it.
            </Banner>
          ) : (
            <Loaded query={sites} errorTitle="Sites could not be loaded">
              {(list) => <Editor server={data} sites={list} />}
            </Loaded>
          )}
        </>
      )}
    </Loaded>
  );
}

/** Saves, and has an agent look where the server has another address by now. */
function useSave(server: ServerDetail, edit: Edit<EditForm, EditForm>) {
  const trpc = useTRPC();
  const path = usePath();
  const router = useRouter();
  const toast = useToast();
  const agents = useAgents();
  const update = useMutation(trpc.server.update.mutationOptions());
  const look = useMutation(trpc.discovery.start.mutationOptions());
  return useMutation({
    mutationFn: async (form: EditForm) => {
      const saved = await update.mutateAsync({ serverId: server.id, revision: edit.seen.revision, ...toServerUpdate(form) });
      edit.restart({ revision: saved.revision, values: form });
      const there = (agents.data ?? []).filter(({ siteId }) => form.siteIds.includes(siteId));
      const agentId = findConnectedAgentId(there);
      const isLooking = saved.endedApprovals !== null && form.kind !== 'rest' && agentId !== '';
      if (!isLooking) return { ...saved, problem: null };
      // the address is saved whatever becomes of the look
      const problem = await look
        .mutateAsync({ serverId: server.id, agentId })
        .then(() => null)
        .catch((error: unknown) => toReadableError(error).message);
      return { ...saved, problem };
    },
    onSuccess: ({ endedApprovals, problem }) => {
      const ended = `What was approved at its address before has ended. ${problem === null ? '' : `Nobody looks at it yet: ${problem}`}`;
      toast({
        title: 'The server is changed',
        description: endedApprovals === null ? 'What was approved stays approved.' : ended.trimEnd(),
      });
      router.push(path(`/servers/${server.slug}`));
    },
  });
}

function Editor({ server, sites }: { server: ServerDetail; sites: Sites }) {
  const path = usePath();
  const current = useMemo(() => toSeenServer(server), [server]);
  const edit = useEditForm(EditForm, current);
  const save = useSave(server, edit);
  const { kind } = server.transport;
  const groups = useMemo(
    () => listEditGroups(kind, (id) => sites.find((site) => site.id === id)?.name ?? 'a removed site'),
    [kind, sites],
  );
  return (
    <Form form={edit.form} onSubmit={(values) => save.mutate(values)}>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,40rem)_minmax(20rem,26rem)]">
        <Card>
          <Fields server={server} sites={sites} />
          <div className="mt-4 empty:hidden">
            <SaveProblem
              error={save.error}
              fields={FIELDS}
              edit={edit}
              groups={groups}
              readValues={readPresentServer}
              onMerged={save.reset}
            />
          </div>
          <div className="mt-5 flex flex-wrap justify-end gap-2 border-t border-line pt-4">
            <LinkButton data-gives-up href={path(`/servers/${server.slug}`)}>
              Cancel
            </LinkButton>
            <SaveButton pending={save.isPending} problem={findSaveReason(save.error)} />
          </div>
        </Card>
        <WhatSavingDoes server={server} />
      </div>
    </Form>
  );
}

const FIELDS = {
  name: 'name',
  purpose: 'purpose',
  'transport.url': 'address',
  'transport.baseUrl': 'address',
  'transport.entry': 'address',
  siteIds: 'siteIds',
  'limits.answerMs': 'answer',
  'limits.silenceMs': 'silence',
  'limits.totalMs': 'total',
} as const;

function SaveButton({ pending, problem }: { pending: boolean; problem: string | undefined }) {
  const { isDirty } = useFormState<EditForm>();
  const reason = problem ?? (isDirty ? undefined : 'Nothing is changed.');
  return (
    <Button type="submit" variant="primary" loading={pending} disabledReason={reason}>
      Save server
    </Button>
  );
}

function Fields({ server, sites }: { server: ServerDetail; sites: Sites }) {
  const { kind } = server.transport;
  const { control } = useFormContext<EditForm>();
  const address = useWatch({ control, name: 'address' });
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <TextField control={control} name="name" label="Name" hint="As people know it: GitHub, Orders, Handbook." maxLength={80} />
      <TextField
        control={control}
        name="purpose"
        label="What will people use it for?"
        hint="One sentence. The reviewer reads it."
        maxLength={500}
      />
      <TextField control={control} name="address" {...ADDRESS_WORDS[kind]} mono autoComplete="off" spellCheck={false} />
      {kind !== 'stdio' && <SameAddress kind={kind} address={address} serverId={server.id} />}
      {kind === 'stdio' ? <ProcessesField disabled={false} /> : <CredentialFields url={address} disabled={false} />}
      <SitesField sites={sites} />
      <LimitsSection />
    </div>
  );
}

/** What becomes of approvals: before anybody saves. */
function WhatSavingDoes({ server }: { server: ServerDetail }) {
  const values = useWatch<EditForm>();
  const before = server.sites.map(({ id }) => id);
  const isAdded = (values.siteIds ?? []).some((id) => id !== undefined && !before.includes(id));
  const { tone, title, sentences } = describeChange(server, readTransport(values), isAdded);
  return (
    <Card title="What saving does" className="max-lg:order-first lg:sticky lg:top-16">
      {tone === 'warn' ? (
        <Banner tone="warn" title={title}>
          <Sentences sentences={sentences} />
        </Banner>
      ) : (
        <div role="status">
          <p className="font-medium">{title}</p>
          <Sentences sentences={sentences} className="text-muted" />
        </div>
      )}
    </Card>
  );
}

function Sentences({ sentences, className }: { sentences: readonly string[]; className?: string }) {
  return sentences.map((sentence) => (
    <p key={sentence} className={cn('mt-1 wrap-anywhere', className)}>
      {sentence}
    </p>
  ));
}
