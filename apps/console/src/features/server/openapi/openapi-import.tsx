'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { z } from 'zod';

import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';

import { useTRPC } from '../../../trpc/client.tsx';
import { Form, useSchemaForm } from '../../../ui/form/form.tsx';
import { PageHeader } from '../../../ui/layout/page-header.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { type Agents, getDefaultAgentId } from '../form/server-form.ts';
import { UsableAgents } from '../form/usable-agents.tsx';
import type { ServerDetail } from '../server-state.tsx';
import { suggestBaseUrl } from './openapi-choice.ts';
import { OpenapiColumns, SendCard, useOperationChoice } from './openapi-columns.tsx';
import { OpenapiDone } from './openapi-done.tsx';
import { OpenapiFields } from './openapi-fields.tsx';
import { EMPTY_OPENAPI_FORM, OpenapiForm, toCredentialRows, toRestTransport } from './openapi-form.ts';
import type { ReadOpenapi } from './openapi-source.tsx';

/** Adds a REST API from its OpenAPI description. */
export function OpenapiNew() {
  return (
    <>
      <PageHeader
        title="Add a REST API"
        sub="Choose operations of its OpenAPI description. Nothing of it can be called before a review."
      />
      <UsableAgents why="APIs are called by an agent (runs in your network), never by this console. Run one, then come back.">
        {(agents) => <ImportNew agents={agents} />}
      </UsableAgents>
    </>
  );
}

/** Reads the description of a REST server again, and chooses its tools anew. */
export function OpenapiAgain({ slug }: { slug: string }) {
  const server = useQuery(useTRPC().server.get.queryOptions({ slug }));
  return (
    <Loaded isPage query={server} errorTitle="The server could not be loaded">
      {(data) => (
        <>
          <PageHeader
            title={`Import ${data.name} again`}
            object={data.name}
            sub="What is new or has changed waits for a review. What has not keeps working."
          />
          <ImportAgain server={data} />
        </>
      )}
    </Loaded>
  );
}

interface Import {
  read: ReadOpenapi;
  /** keys of the chosen operations */
  operations: string[];
}

function useSendImport() {
  const { mutateAsync } = useMutation(useTRPC().server.importOpenapi.mutationOptions());
  return async ({ id, slug }: { id: string; slug: string }, { read: { source, preview }, operations }: Import) => ({
    slug,
    result: await mutateAsync({ serverId: id, source, textHash: preview.textHash, operations }),
  });
}

/** Creates the server once; imports as often as asked. */
function useImportNew(agents: Agents) {
  const create = useMutation(useTRPC().server.create.mutationOptions());
  const sendImport = useSendImport();
  const sending = useMutation({
    mutationFn: async ({ form, ...what }: Import & { form: OpenapiForm }) => {
      const { name, purpose, agentId } = form;
      const siteIds = agents.filter(({ id }) => id === agentId).map(({ siteId }) => siteId);
      const server = create.data ?? (await create.mutateAsync({ name, purpose, siteIds, transport: toRestTransport(form) }));
      return sendImport(server, what);
    },
  });
  return { sending, created: create.data !== undefined };
}

const NONE: ReadonlySet<string> = new Set();

function ImportNew({ agents }: { agents: Agents }) {
  const form = useSchemaForm(OpenapiForm, { ...EMPTY_OPENAPI_FORM, agentId: getDefaultAgentId(agents) });
  const choice = useOperationChoice(NONE);
  const { sending, created } = useImportNew(agents);
  const operations = choice.operations.map(({ key }) => key);

  function take(read: ReadOpenapi): void {
    const { source, preview } = read;
    const { name, baseUrl, withCredential } = form.getValues();
    const rows = toCredentialRows(preview);
    choice.setRead(read);
    if (name === '') form.setValue('name', preview.title.slice(0, 80));
    if (!withCredential && rows.length > 0) {
      form.setValue('withCredential', true);
      form.setValue('credentials', rows);
    }
    if (baseUrl === '') form.setValue('baseUrl', suggestBaseUrl(preview.servers, source.kind === 'url' ? source.url : null));
  }

  if (sending.data) return <OpenapiDone {...sending.data} />;
  return (
    <OpenapiColumns choice={choice} onRead={take} disabled={sending.isPending}>
      {(read) => (
        <Form form={form} onSubmit={(values) => operations.length > 0 && sending.mutate({ form: values, read, operations })}>
          <SendCard title="Server" read={read} count={operations.length} sending={sending}>
            <OpenapiFields agents={agents} disabled={sending.isPending || created} />
          </SendCard>
        </Form>
      )}
    </OpenapiColumns>
  );
}

/** Keys of the operations behind the tools of the newest revision. */
function getKnownKeys(server: ServerDetail): ReadonlySet<string> {
  const keys = server.entries.flatMap((entry) => {
    const operation = entry.kind === 'tool' ? findRestOperation(entry.definition) : null;
    return operation ? [`${operation.method} ${operation.path}`] : [];
  });
  return new Set(keys);
}

const NOTHING_ASKED = z.object({});

function ImportAgain({ server }: { server: ServerDetail }) {
  const form = useSchemaForm(NOTHING_ASKED);
  const choice = useOperationChoice(getKnownKeys(server));
  const sendImport = useSendImport();
  const sending = useMutation({ mutationFn: (what: Import) => sendImport(server, what) });
  const operations = choice.operations.map(({ key }) => key);
  if (sending.data) return <OpenapiDone {...sending.data} />;
  return (
    <OpenapiColumns choice={choice} onRead={choice.setRead} disabled={sending.isPending}>
      {(read) => (
        <Form form={form} onSubmit={() => operations.length > 0 && sending.mutate({ read, operations })}>
          <SendCard title="Import" read={read} count={operations.length} sending={sending} />
        </Form>
      )}
    </OpenapiColumns>
  );
}
