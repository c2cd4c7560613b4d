'use client';

import { KeyIcon, PlusIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { useSiteOptions } from '../../trpc/use-sites.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { BulkDialog } from '../../ui/list/bulk-dialog.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { EmptyState } from '../../ui/status/states.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';

type Token = ApiOutput['joinToken']['list']['rows'][number];

const STATES = ['open', 'used', 'expired', 'revoked'] as const;

const STATE = {
  open: { word: 'Open', tone: 'info', hollow: false },
  used: { word: 'Used', tone: 'ok', hollow: false },
  expired: { word: 'Expired', tone: 'neutral', hollow: true },
  revoked: { word: 'Revoked', tone: 'neutral', hollow: true },
} as const satisfies Record<Token['state'], unknown>;

const TOKEN_STATES = STATES.map((value) => ({ value, label: STATE[value].word }));

const FILTERS = { state: parseAsStringLiteral(STATES), site: parseAsString };

const COLUMNS: readonly Column<Token>[] = [
  {
    key: 'agent',
    header: 'For the agent',
    share: 'w-1/2',
    sort: { by: 'agent', first: 'asc' },
    cell: ({ agentName }) => agentName,
  },
  { key: 'state', header: 'State', cell: ({ state }) => <StatusDot {...STATE[state]} /> },
  { key: 'site', header: 'Site', share: 'w-1/2', hideBelow: 'md', cell: ({ site }) => site.name },
  { key: 'by', header: 'Made by', hideBelow: 'lg', cell: ({ createdBy }) => createdBy.name },
  {
    key: 'made',
    header: 'Made',
    hideBelow: 'md',
    sort: { by: 'made', first: 'desc' },
    cell: ({ createdAt }) => <RelativeTime at={createdAt} className="text-subtle" />,
  },
  {
    key: 'expires',
    header: 'Works until',
    sort: { by: 'expires', first: 'asc' },
    cell: ({ expiresAt, state }) => (state === 'open' ? <RelativeTime at={expiresAt} className="text-subtle" /> : '–'),
  },
];

/** Which agents were invited to join, and what became of it. */
export function JoinTokensPage() {
  const path = usePath();
  const { can } = useMe();
  return (
    <>
      <PageHeader
        title="Join tokens"
        sub="Which agents may still join, and what became of each token?"
        primary={
          can('agent.manage') && (
            <LinkButton href={path('/agents/new')} variant="primary" icon={PlusIcon}>
              Install an agent
            </LinkButton>
          )
        }
      />
      <JoinTokenList />
    </>
  );
}

/** What the list is narrowed to, by its address. */
function useTokenFilters() {
  const [{ state, site }, set] = useQueryStates(FILTERS, { history: 'push' });
  const sites = useSiteOptions();
  return {
    asked: { state: state ?? undefined, siteId: site ?? undefined },
    filters: [
      buildFilter({
        label: 'State',
        any: 'Any state',
        options: TOKEN_STATES,
        value: state,
        onChange: (next) => void set({ state: next }),
      }),
      {
        label: 'Site',
        any: 'Any site',
        options: sites,
        value: site,
        onChange: (next: string | null) => void set({ site: next }),
      },
    ],
  };
}

/** Open ones can be revoked together. */
function JoinTokenList() {
  const trpc = useTRPC();
  const path = usePath();
  const list = useListState(['made', 'agent', 'expires']);
  const { asked, filters } = useTokenFilters();
  const queries = useQueryClient();
  const bulk = useBulk<Token, 'revoke'>();
  const revoke = useMutation(
    trpc.joinToken.revokeMany.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.joinToken.list.pathFilter()),
    }),
  );
  const tokens = useInfiniteQuery(trpc.joinToken.list.infiniteQueryOptions({ ...list.asked, ...asked }, LIST_PAGES));
  return (
    <>
      <ListTable
        label="Join tokens"
        noun={['token', 'tokens']}
        query={tokens}
        state={list}
        filters={filters}
        errorTitle="The join tokens could not be loaded"
        columns={COLUMNS}
        getRowKey={({ id }) => id}
        buildHref={({ id, agentId }) => path(agentId === null ? `/agents/new?enrolment=${id}` : `/agents/${agentId}`)}
        bulk={{
          ...bulk.selection,
          getLabel: ({ agentName }) => `Select the token for ${agentName}`,
          canSelect: (token) => token.state === 'open',
          present: (rows) => (
            <Button size="small" variant="danger-quiet" onClick={() => bulk.ask('revoke', rows)}>
              Revoke…
            </Button>
          ),
        }}
        empty={
          <EmptyState icon={KeyIcon} title="No join tokens are kept">
            A token lets one agent join. Those that were not used are removed some time after they have run out.
          </EmptyState>
        }
      />
      {bulk.asked && (
        <BulkDialog
          rows={bulk.asked.rows.map(({ id, agentName }) => ({ id, name: agentName }))}
          noun={['token', 'tokens']}
          verb={['Revoke', 'revoked']}
          apply={(ids) => revoke.mutateAsync({ ids })}
          onClose={bulk.close}
        >
          No agent can join by {bulk.asked.rows.length === 1 ? 'it' : 'them'} any more. Agents that have joined stay.
        </BulkDialog>
      )}
    </>
  );
}
