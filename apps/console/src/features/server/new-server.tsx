'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Choice } from '../../ui/choice.tsx';
import { cn } from '../../ui/cn.ts';
import { Input } from '../../ui/input.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Select } from '../../ui/select.tsx';
import { EmptyState, ErrorLine } from '../../ui/states.tsx';
import { CredentialFields } from './credential-fields.tsx';
import { detectSource } from './detect-source.ts';
import { DiscoveryPanel } from './discovery-panel.tsx';
import {
  EMPTY_FORM,
  type FormProblems,
  type NewServerForm,
  problemsOf,
  type Processes,
  PROCESSES,
  transportOf,
} from './new-server-form.ts';
import { SourceField } from './source-field.tsx';

type Agent = ApiOutput['agent']['list'][number];

/** Registers a server and has an agent look at it. */
export function NewServer() {
  const trpc = useTRPC();
  const path = usePath();
  const agents = useQuery(trpc.agent.list.queryOptions());
  return (
    <>
      <PageHeader
        title="Add a server"
        sub="An agent in your network looks at it first. Nothing of it can be called before a review."
        actions={<LinkButton href={path('/servers/new/openapi')}>Import an OpenAPI description</LinkButton>}
      />
      <Loaded query={agents} errorTitle="Agents could not be loaded">
        {(list) => {
          const usable = list.filter(({ status }) => status !== 'Revoked' && status !== 'Quarantined');
          if (usable.length > 0) return <Wizard agents={usable} />;
          return (
            <Card padded={false}>
              <EmptyState
                title="An agent comes first"
                action={
                  <LinkButton href={path('/agents/new')} variant="primary">
                    Run an agent
                  </LinkButton>
                }
              >
                Servers are reached by an agent (runs in your network), never by this console. Run one, then come back.
              </EmptyState>
            </Card>
          );
        }}
      </Loaded>
    </>
  );
}

function useAddServer() {
  const trpc = useTRPC();
  const create = useMutation(trpc.server.create.mutationOptions());
  const discover = useMutation(trpc.discovery.start.mutationOptions());
  /** Creates once; looks again as often as asked. */
  async function add(form: NewServerForm, siteId: string): Promise<void> {
    const source = detectSource(form.source);
    if (form.agentId === null || source.kind === 'empty' || source.kind === 'problem') return;
    const { name, purpose } = form;
    const server =
      create.data ?? (await create.mutateAsync({ name, purpose, siteIds: [siteId], transport: transportOf(form, source) }));
    await discover.mutateAsync({ serverId: server.id, agentId: form.agentId });
  }
  return {
    add,
    server: create.data,
    discoveryId: discover.data?.id,
    error: create.error ?? discover.error,
    working: create.isPending || discover.isPending,
  };
}

function Wizard({ agents }: { agents: readonly Agent[] }) {
  const path = usePath();
  const [form, setForm] = useState<NewServerForm>({
    ...EMPTY_FORM,
    agentId: agents.length === 1 ? (agents[0]?.id ?? null) : null,
  });
  const [tried, setTried] = useState(false);
  const { add, server, discoveryId, error, working } = useAddServer();
  const problems = problemsOf(form);
  const shown: FormProblems = tried ? problems : {};
  const agent = agents.find(({ id }) => id === form.agentId) ?? null;
  const locked = server !== undefined;

  function set(change: Partial<NewServerForm>): void {
    setForm((before) => ({ ...before, ...change }));
  }
  function start(): void {
    // The error is shown from the mutation's state.
    if (agent) add(form, agent.siteId).catch(() => undefined);
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (Object.keys(problems).length === 0) start();
  }

  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,40rem)_minmax(20rem,26rem)]">
      <form onSubmit={submit} noValidate>
        <Card>
          <fieldset disabled={locked} className="flex min-w-0 flex-col gap-4">
            <SourceField form={form} set={set} error={shown.source} agent={agent} />
            <Input
              label="Name"
              hint="As people know it: GitHub, Orders, Handbook."
              error={shown.name}
              value={form.name}
              maxLength={80}
              onChange={(event) => set({ name: event.target.value })}
            />
            <Input
              label="What will people use it for?"
              hint="One sentence. The reviewer reads it."
              error={shown.purpose}
              value={form.purpose}
              maxLength={500}
              onChange={(event) => set({ purpose: event.target.value })}
            />
            <Select
              label="Which agent reaches it?"
              hint={
                agent
                  ? `The server will be available at site ${agent.siteSlug}.`
                  : 'The agent (runs in your network) connects to it, never this console.'
              }
              error={shown.agentId}
              value={form.agentId}
              disabled={locked}
              onValueChange={(agentId) => set({ agentId })}
              options={agents.map(({ id, name, siteSlug, status }) => ({
                value: id,
                label: `${name} · ${siteSlug}`,
                hint: status,
              }))}
            />
            {detectSource(form.source).kind === 'http' && (
              <CredentialFields form={form} set={set} problems={shown} disabled={locked} />
            )}
            {detectSource(form.source).kind === 'stdio' && (
              <ProcessesField value={form.processes} disabled={locked} onChange={(processes) => set({ processes })} />
            )}
          </fieldset>
          {error && <ErrorLine error={error} className="mt-4" />}
          <div className="mt-5 flex flex-wrap justify-end gap-2 border-t border-line pt-4">
            {server ? (
              <LinkButton href={path(`/servers/${server.slug}`)}>Open the server</LinkButton>
            ) : (
              <Button type="submit" variant="primary" loading={working}>
                Add and look at its tools
              </Button>
            )}
          </div>
        </Card>
      </form>
      <Card title={discoveryId ? 'First look' : 'What happens next'}>
        {discoveryId ? (
          <DiscoveryPanel key={discoveryId} discoveryId={discoveryId} onRetry={start} retrying={working} />
        ) : (
          <NextSteps />
        )}
      </Card>
    </div>
  );
}

function ProcessesField({
  value,
  disabled,
  onChange,
}: {
  value: Processes;
  disabled: boolean;
  onChange: (processes: Processes) => void;
}) {
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">Processes</p>
      <Choice
        label="Processes"
        className="self-start"
        value={value}
        disabled={disabled}
        onValueChange={onChange}
        options={[
          { value: 'shared', label: PROCESSES.shared.label },
          { value: 'per_session', label: PROCESSES.per_session.label },
        ]}
      />
      {/* Both sentences take the same place, so that choosing moves nothing. */}
      <div className="grid text-xs text-subtle">
        {Object.entries(PROCESSES).map(([kind, { when }]) => (
          <p key={kind} aria-hidden={kind !== value} className={cn('col-start-1 row-start-1', kind !== value && 'invisible')}>
            {when}
          </p>
        ))}
      </div>
    </div>
  );
}

const STEPS = [
  ['The agent connects', 'from inside your network, bound by its guardrails.'],
  ['It lists the tools', 'and sends names, descriptions and schemas. It calls none of them.'],
  ['A reviewer decides', 'on every tool: what it may do, and what of it is logged.'],
  ['You put approved tools into a profile', 'and publish it. Only then can an AI client see them.'],
] as const;

function NextSteps() {
  return (
    <ol className="flex flex-col gap-3">
      {STEPS.map(([what, how], index) => (
        <li key={what} className="flex gap-3">
          <span className="flex size-5 shrink-0 items-center justify-center rounded-full bg-active text-xs font-medium tabular-nums">
            {index + 1}
          </span>
          <p>
            <span className="font-medium">{what}</span> <span className="text-muted">{how}</span>
          </p>
        </li>
      ))}
    </ol>
  );
}
