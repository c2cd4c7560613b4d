'use client';

import { UserPlusIcon, UsersIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWatch } from 'react-hook-form';
import { z } from 'zod';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Form, SelectField, useSchemaForm } from '../../ui/form/form.tsx';
import { Card } from '../../ui/layout/card.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListSearch } from '../../ui/list/list-search.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { EmptyState, ErrorLine } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ProfileDetail } from './draft/draft.ts';
import { ProfileGroups } from './profile-groups.tsx';

type Person = ApiOutput['profile']['people']['rows'][number];

const NewAccess = z.object({ membershipId: z.string().min(1) });

function getColumns(onTake: ((person: Person) => void) | null): Column<Person>[] {
  const columns: Column<Person>[] = [
    { key: 'name', header: 'Person', share: 'w-1/2', sort: { by: 'name', first: 'asc' }, cell: ({ name }) => name },
    { key: 'email', header: 'E-mail', hideBelow: 'md', share: 'w-1/2', cell: ({ email }) => email ?? '–' },
    {
      key: 'until',
      header: 'Until',
      hideBelow: 'lg',
      sort: { by: 'until', first: 'asc' },
      cell: ({ until }) => <AccessEnd until={until} />,
    },
    {
      key: 'since',
      header: 'Since',
      sort: { by: 'since', first: 'desc' },
      cell: ({ grantedAt }) => <RelativeTime at={grantedAt} className="text-subtle" />,
    },
  ];
  if (!onTake) return columns;
  const take: Column<Person> = {
    key: 'remove',
    header: 'Actions',
    headerHidden: true,
    align: 'end',
    cell: (person) => (
      <Button variant="ghost" size="small" onClick={() => onTake(person)} aria-label={`Remove access from ${person.name}`}>
        Remove access
      </Button>
    ),
  };
  return [...columns, take];
}

/** Who may connect an AI client to the profile. `duties`: who owns it and who decides. */
export function ProfileAccess({ detail, duties }: { detail: ProfileDetail; duties: ReactNode }) {
  const trpc = useTRPC();
  const { me, can, holds } = useMe();
  const [leaving, setLeaving] = useState<Person | null>(null);
  const manages = can('profile.publish');
  const profileId = detail.profile.id;
  const state = useListState(['name', 'since', 'until']);
  const people = useInfiniteQuery(trpc.profile.people.infiniteQueryOptions({ profileId, ...state.asked }, LIST_PAGES));
  return (
    <div className="flex flex-col gap-4">
      {duties}
      {manages && <AddPerson detail={detail} />}
      {me && !holds('profile.publish') && (
        <p className="text-muted">
          Admins and owners of the workspace give and remove access. Your role shows it; a request for it is decided as above.
        </p>
      )}
      <div>
        <ListTable
          label="People with access"
          noun={['person', 'people']}
          query={people}
          state={state}
          errorTitle="The people with access could not be loaded"
          columns={getColumns(manages ? setLeaving : null)}
          getRowKey={({ membershipId }) => membershipId}
          note="by name"
          empty={
            <EmptyState icon={UsersIcon} title={detail.people === 0 ? 'Nobody may use it yet' : 'Nobody has it by name'}>
              A person needs access, by name or by a group, before making a key for an AI client. Publishing alone gives nobody
              anything.
            </EmptyState>
          }
        />
      </div>
      <TakeAccess profileId={profileId} person={leaving} onClose={() => setLeaving(null)} />
      <ProfileGroups detail={detail} manages={manages} />
    </div>
  );
}

/** When an access ends by itself, or that it did. */
function AccessEnd({ until }: Pick<Person, 'until'>) {
  if (until === null) return <span className="text-subtle">no end</span>;
  return <RelativeTime at={until} className="text-subtle" />;
}

function AddPerson({ detail }: { detail: ProfileDetail }) {
  const trpc = useTRPC();
  const [search, setSearch] = useState('');
  const members = useQuery(
    trpc.member.list.queryOptions(
      { ...(search !== '' && { search }), withoutProfileId: detail.profile.id, limit: 20 },
      { placeholderData: (before) => before },
    ),
  );
  const form = useSchemaForm(NewAccess, { membershipId: '' });
  const { control } = form;
  const chosen = useWatch({ control, name: 'membershipId' });
  const grant = useMutation(trpc.profile.grantAccess.mutationOptions({ onSuccess: () => form.reset() }));
  const others = members.data?.rows ?? [];
  if (members.data?.total === 0 && search === '') return <p className="text-muted">Every member of the workspace has access.</p>;
  return (
    <Card>
      <Form
        form={form}
        onSubmit={({ membershipId }) => grant.mutate({ profileId: detail.profile.id, membershipId })}
        className="flex flex-wrap items-end gap-2"
      >
        {(search !== '' || members.data?.nextCursor != null) && (
          <ListSearch
            label="Search members"
            placeholder="Search members"
            value={search}
            onValueChange={(next) => {
              setSearch(next);
              form.reset();
            }}
          />
        )}
        <SelectField
          control={control}
          name="membershipId"
          label="Person"
          className="w-72 max-w-full"
          placeholder="Choose a person…"
          options={others.map(({ id, name, email }) => ({ value: id, label: name, hint: email }))}
        />
        <Button
          type="submit"
          icon={UserPlusIcon}
          loading={grant.isPending}
          disabledReason={chosen === '' ? 'Choose a person first.' : undefined}
        >
          Give access
        </Button>
      </Form>
      {grant.error && <ErrorLine error={grant.error} className="mt-3" />}
    </Card>
  );
}

function TakeAccess({ profileId, person, onClose }: { profileId: string; person: Person | null; onClose: () => void }) {
  const trpc = useTRPC();
  const revoke = useMutation(trpc.profile.revokeAccess.mutationOptions());
  return (
    <ConfirmDialog
      open={person !== null}
      onOpenChange={(open) => !open && onClose()}
      title={`Remove access from ${person?.name ?? ''}?`}
      confirmLabel="Remove access"
      onConfirm={async () => {
        if (person) await revoke.mutateAsync({ profileId, membershipId: person.membershipId });
      }}
    >
      Every key of this person for this profile stops working at once, unless a group gives it to the person too. Giving access
      again does not bring the keys back.
    </ConfirmDialog>
  );
}
