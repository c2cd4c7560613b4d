'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { operationOf } from '@gatehouse/policy/documents/rest-operation';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Banner, Card, KeyValue } from '../../ui/card.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { EmptyState, ErrorLine } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { suggestedBaseUrl } from './openapi-choice.ts';
import { OpenapiFields } from './openapi-fields.tsx';
import { EMPTY_OPENAPI_FORM, type OpenapiForm, openapiProblems, restTransport } from './openapi-form.ts';
import { OpenapiOperations } from './openapi-operations.tsx';
import { OpenapiSource, type ReadOpenapi } from './openapi-source.tsx';
import type { ServerDetail } from './server-state.tsx';

type Agents = ApiOutput['agent']['list'];

/** Adds a REST API from its OpenAPI description. */
export function OpenapiNew() {
  const trpc = useTRPC();
  const path = usePath();
  const agents = useQuery(trpc.agent.list.queryOptions());
  return (
    <>
      <PageHeader
        title="Add a REST API"
        sub="Choose operations of its OpenAPI description. Nothing of it can be called before a review."
      />
      <Loaded query={agents} errorTitle="Agents could not be loaded">
        {(list) => {
          const usable = list.filter(({ status }) => status !== 'Revoked' && status !== 'Quarantined');
          if (usable.length > 0) return <Import agents={usable} server={null} />;
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
                APIs are called by an agent (runs in your network), never by this console. Run one, then come back.
              </EmptyState>
            </Card>
          );
        }}
      </Loaded>
    </>
  );
}

/** Reads the description of a REST server again, and chooses its tools anew. */
export function OpenapiAgain({ slug }: { slug: string }) {
  const server = useQuery(useTRPC().server.get.queryOptions({ slug }));
  return (
    <Loaded query={server} errorTitle="The server could not be loaded">
      {(data) => (
        <>
          <PageHeader
            title={`Import ${data.name} again`}
            sub="What is new or has changed waits for a review. What has not keeps working."
          />
          <Import agents={[]} server={data} />
        </>
      )}
    </Loaded>
  );
}

/** Keys of the operations behind the tools of the newest revision. */
function knownKeys(server: ServerDetail | null): ReadonlySet<string> {
  const keys = (server?.entries ?? []).flatMap((entry) => {
    const operation = entry.kind === 'tool' ? operationOf(entry.definition) : null;
    return operation ? [`${operation.method} ${operation.path}`] : [];
  });
  return new Set(keys);
}

function useImport(server: ServerDetail | null) {
  const trpc = useTRPC();
  const create = useMutation(trpc.server.create.mutationOptions());
  const imported = useMutation(trpc.server.importOpenapi.mutationOptions());
  /** Creates once; imports as often as asked. */
  async function run(
    form: OpenapiForm,
    siteId: string | null,
    { source, preview }: ReadOpenapi,
    operations: string[],
  ): Promise<void> {
    const { name, purpose } = form;
    const target =
      server ??
      create.data ??
      (await create.mutateAsync({ name, purpose, siteIds: siteId === null ? [] : [siteId], transport: restTransport(form) }));
    await imported.mutateAsync({ serverId: target.id, source, textHash: preview.textHash, operations });
  }
  return {
    run,
    slug: server?.slug ?? create.data?.slug ?? null,
    created: create.data !== undefined,
    result: imported.data,
    error: create.error ?? imported.error,
    working: create.isPending || imported.isPending,
  };
}

function Import({ agents, server }: { agents: Agents; server: ServerDetail | null }) {
  const known = knownKeys(server);
  const [form, setForm] = useState<OpenapiForm>({
    ...EMPTY_OPENAPI_FORM,
    agentId: agents.length === 1 ? (agents[0]?.id ?? null) : null,
  });
  const [read, setRead] = useState<ReadOpenapi | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(known);
  const [tried, setTried] = useState(false);
  const { run, slug, created, result, error, working } = useImport(server);
  const problems = server ? {} : openapiProblems(form);
  const set = (change: Partial<OpenapiForm>) => setForm((before) => ({ ...before, ...change }));
  const operations = read?.preview.operations.filter(({ key, problem }) => problem === null && selected.has(key)) ?? [];

  function take(next: ReadOpenapi): void {
    setRead(next);
    const { title, servers } = next.preview;
    set({
      name: form.name || title.slice(0, 80),
      baseUrl: form.baseUrl || suggestedBaseUrl(servers, next.source.kind === 'url' ? next.source.url : null),
    });
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (!read || operations.length === 0 || Object.keys(problems).length > 0) return;
    const siteId = agents.find(({ id }) => id === form.agentId)?.siteId ?? null;
    // The error is shown from the mutations' state.
    run(
      form,
      siteId,
      read,
      operations.map(({ key }) => key),
    ).catch(() => undefined);
  }

  if (result && slug !== null) return <Done slug={slug} result={result} />;
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,26rem)_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-6">
        <OpenapiSource onRead={take} disabled={working} />
        {read && (
          <form onSubmit={submit} noValidate>
            <Card title={server ? 'Import' : 'Server'}>
              <Summary read={read} />
              {!server && (
                <OpenapiFields
                  form={form}
                  set={set}
                  problems={tried ? problems : {}}
                  agents={agents}
                  disabled={working || created}
                />
              )}
              {error && <ErrorLine error={error} className="mt-4" />}
              <div className="mt-5 flex flex-wrap items-center justify-end gap-3 border-t border-line pt-4">
                {tried && operations.length === 0 && <p className="text-danger-fg">Choose at least one operation.</p>}
                <Button type="submit" variant="primary" loading={working}>
                  {operations.length === 1
                    ? 'Send 1 tool for review'
                    : `Send ${operations.length.toLocaleString('en')} tools for review`}
                </Button>
              </div>
            </Card>
          </form>
        )}
      </div>
      {read ? (
        <OpenapiOperations
          key={read.preview.textHash}
          operations={read.preview.operations}
          selected={selected}
          known={known}
          onSelect={setSelected}
          disabled={working}
        />
      ) : (
        <Card padded={false}>
          <EmptyState title="No description yet">
            Its operations stand here once it is read: each with its method, the tool that it becomes and what that costs.
          </EmptyState>
        </Card>
      )}
    </div>
  );
}

function Summary({ read: { preview } }: { read: ReadOpenapi }) {
  return (
    <KeyValue
      className="mb-4 border-b border-line pb-4"
      items={[
        { label: 'API', value: <UntrustedText text={`${preview.title} ${preview.version}`.trim()} /> },
        { label: 'Format', value: <UntrustedText text={`OpenAPI ${preview.openapi}`} /> },
        { label: 'Operations', value: preview.operations.length.toLocaleString('en') },
      ]}
    />
  );
}

function Done({ slug, result }: { slug: string; result: ApiOutput['server']['importOpenapi'] }) {
  const path = usePath();
  const tools = result.tools === 1 ? '1 tool' : `${result.tools.toLocaleString('en')} tools`;
  const waits = result.openReviewId !== null;
  return (
    <Banner
      tone={waits ? 'warn' : 'ok'}
      title={
        waits ? `${tools} of revision ${result.revision} wait for a review` : `Revision ${result.revision} holds nothing new`
      }
      action={
        <div className="flex flex-wrap gap-2">
          <LinkButton href={path(`/servers/${slug}`)} size="small">
            Open the server
          </LinkButton>
          {waits && (
            <LinkButton href={path(`/reviews/${result.openReviewId}`)} size="small">
              Open the review
            </LinkButton>
          )}
        </div>
      }
    >
      {waits
        ? 'What is new or has changed is off until someone else decides. What was approved before and has not changed keeps working.'
        : 'Every tool is as it was decided before.'}
    </Banner>
  );
}
