'use client';

import { useMutation } from '@tanstack/react-query';
import { useWatch } from 'react-hook-form';

import { useTRPC } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { Button, LinkButton } from '../../../ui/button.tsx';
import { Form, FormError, useSchemaForm } from '../../../ui/form/form.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { PageHeader } from '../../../ui/layout/page-header.tsx';
import { DiscoveryPanel } from '../discovery/discovery-panel.tsx';
import { CredentialFields } from '../form/credential-fields.tsx';
import { SameAddress } from '../form/same-address.tsx';
import { ServerFields } from '../form/server-fields.tsx';
import { type Agents, getDefaultAgentId } from '../form/server-form.ts';
import { UsableAgents } from '../form/usable-agents.tsx';
import { detectSource } from './detect-source.ts';
import { LimitsSection } from './limits-section.tsx';
import { EMPTY_FORM, NewServerForm, toNewLimits, toTransport } from './new-server-form.ts';
import { ProcessesField } from './processes-field.tsx';
import { SourceField } from './source-field.tsx';

/** Registers a server and has an agent look at it. */
export function NewServer() {
  const path = usePath();
  return (
    <>
      <PageHeader
        title="Add a server"
        sub="An agent in your network looks at it first. Nothing of it can be called before a review."
        actions={<LinkButton href={path('/servers/new/openapi')}>Import an OpenAPI description</LinkButton>}
      />
      <UsableAgents why="Servers are reached by an agent (runs in your network), never by this console. Run one, then come back.">
        {(agents) => <Wizard agents={agents} />}
      </UsableAgents>
    </>
  );
}

/** Creates the server once, and has the agent look at it as often as asked. */
function useAddServer(agents: Agents) {
  const trpc = useTRPC();
  const create = useMutation(trpc.server.create.mutationOptions());
  const discover = useMutation(trpc.discovery.start.mutationOptions());
  const add = useMutation({
    mutationFn: async (form: NewServerForm) => {
      const source = detectSource(form.source);
      const agent = agents.find(({ id }) => id === form.agentId);
      if (!agent || source.kind === 'empty' || source.kind === 'problem') return;
      const { name, purpose } = form;
      const transport = toTransport(form, source);
      const limits = toNewLimits(form);
      const server = create.data ?? (await create.mutateAsync({ name, purpose, siteIds: [agent.siteId], transport, limits }));
      await discover.mutateAsync({ serverId: server.id, agentId: agent.id });
    },
  });
  return { add, server: create.data, discoveryId: discover.data?.id };
}

function Wizard({ agents }: { agents: Agents }) {
  const path = usePath();
  const form = useSchemaForm(NewServerForm, { ...EMPTY_FORM, agentId: getDefaultAgentId(agents) });
  const { add, server, discoveryId } = useAddServer(agents);
  const start = (values: NewServerForm): void => add.mutate(values);
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,40rem)_minmax(20rem,26rem)]">
      <Form form={form} onSubmit={start} isKept={server !== undefined}>
        <Card>
          <Fields agents={agents} disabled={server !== undefined} />
          <FormError<NewServerForm>
            error={add.error}
            fields={{
              name: 'name',
              purpose: 'purpose',
              'transport.url': 'source',
              'limits.answerMs': 'answer',
              'limits.silenceMs': 'silence',
              'limits.totalMs': 'total',
            }}
            className="mt-4"
          />
          <div className="mt-5 flex flex-wrap justify-end gap-2 border-t border-line pt-4">
            {server ? (
              <LinkButton href={path(`/servers/${server.slug}`)}>Open the server</LinkButton>
            ) : (
              <Button type="submit" variant="primary" loading={add.isPending}>
                Add and look at what it offers
              </Button>
            )}
          </div>
        </Card>
      </Form>
      <Card title={discoveryId ? 'First look' : 'What happens next'}>
        {discoveryId ? (
          <DiscoveryPanel
            key={discoveryId}
            discoveryId={discoveryId}
            onRetry={() => void form.handleSubmit(start)()}
            retrying={add.isPending}
          />
        ) : (
          <NextSteps />
        )}
      </Card>
    </div>
  );
}

function Fields({ agents, disabled }: { agents: Agents; disabled: boolean }) {
  const { source } = useWatch<NewServerForm>();
  const detected = detectSource(source ?? '');
  const { kind } = detected;
  return (
    <fieldset disabled={disabled} className="flex min-w-0 flex-col gap-4">
      <SourceField agents={agents} />
      {detected.kind === 'http' && !disabled && <SameAddress kind="http" address={detected.url} />}
      <ServerFields
        agents={agents}
        agentHint="The agent (runs in your network) connects to it, never this console."
        disabled={disabled}
      />
      {detected.kind === 'http' && <CredentialFields url={detected.url} disabled={disabled} />}
      {kind === 'stdio' && <ProcessesField disabled={disabled} />}
      <LimitsSection />
    </fieldset>
  );
}

const STEPS = [
  ['The agent connects', 'from inside your network, bound by its guardrails.'],
  ['It lists what the server offers', 'and sends names, descriptions and schemas. It calls and reads none of it.'],
  ['A reviewer decides', 'on every entry: whether it may be used, what a tool may do, and what of it is logged.'],
  ['You put what was approved into a profile', 'and publish it. Only then can an AI client see them.'],
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
