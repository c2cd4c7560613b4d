'use client';

import { UserPlusIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { MenuItem } from '../../ui/overlay/menu.tsx';
import { ACTIONS_COLUMN, RowActions } from '../../ui/overlay/row-actions.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { DayTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { BulkMembers, type MemberAct } from './bulk-members.tsx';
import { EditMember } from './edit-member.tsx';
import { InvitationList } from './invitation-list.tsx';
import { InviteMember } from './invite-member.tsx';
import { describeLink } from './link-words.ts';
import { MemberLink } from './member-link.tsx';
import { RemoveMember } from './remove-member.tsx';
import { ResetMember } from './reset-member.tsx';
import { RevokeKeys } from './revoke-keys.tsx';
import { Role, describeRole, ROLES } from './roles.ts';
import { SignOutMember } from './sign-out-member.tsx';

export type Member = ApiOutput['member']['list']['rows'][number];

type About = 'edit' | 'keys' | 'reset' | 'sign-out' | 'remove';
type Open = { kind: 'invite' } | { kind: About; member: Member } | null;

interface Viewer {
  membershipId: string | undefined;
  role: Role | undefined;
  mayManage: boolean;
}

/** Only an owner changes an owner, and nobody the own row: both refused by the server as well. */
function mayChange({ mayManage, role, membershipId }: Viewer, member: Member): boolean {
  return mayManage && member.id !== membershipId && (member.role !== 'owner' || role === 'owner');
}

/** In a narrow table with the link, which has no column of its own then. */
function Person({ member: { name, link }, isSelf }: { member: Member; isSelf: boolean }) {
  return (
    <span title={name}>
      <span className="font-medium">{name}</span> {isSelf && <Badge>You</Badge>}
      {link && (
        <span className="block text-xs font-normal text-subtle @min-[62rem]:hidden">
          <MemberLink link={link} />
        </span>
      )}
    </span>
  );
}

interface MemberActionsProps {
  member: Member;
  onOpen: (kind: About) => void;
}

function MemberActions({ member: { name, liveKeys }, onOpen }: MemberActionsProps) {
  return (
    <RowActions label={`Actions for ${name}`}>
      <MenuItem onClick={() => onOpen('edit')}>Edit…</MenuItem>
      <MenuItem onClick={() => onOpen('reset')}>New password…</MenuItem>
      <MenuItem onClick={() => onOpen('sign-out')}>Sign out…</MenuItem>
      {liveKeys > 0 && <MenuItem onClick={() => onOpen('keys')}>Revoke all client keys…</MenuItem>}
      <MenuItem tone="danger" onClick={() => onOpen('remove')}>
        Remove from workspace…
      </MenuItem>
    </RowActions>
  );
}

function getWhoColumns(viewer: Viewer): Column<Member>[] {
  return [
    {
      key: 'name',
      header: 'Person',
      sort: { by: 'name', first: 'asc' },
      share: 'w-3/10',
      cell: (member) => <Person member={member} isSelf={member.id === viewer.membershipId} />,
    },
    {
      key: 'email',
      header: 'E-mail',
      sort: { by: 'email', first: 'asc' },
      share: 'w-3/10',
      cell: ({ email }) => (
        <span className="text-muted" title={email}>
          {email}
        </span>
      ),
      hideBelow: 'md',
    },
  ];
}

function getColumns(viewer: Viewer, open: (next: Open) => void): Column<Member>[] {
  return [
    ...getWhoColumns(viewer),
    {
      key: 'role',
      header: 'Role',
      sort: { by: 'role', first: 'asc' },
      cell: ({ role }) => describeRole(role),
      width: 'w-28',
    },
    {
      key: 'values',
      header: 'Values',
      cell: ({ readsValues }) => (
        <span
          className="text-muted"
          title={readsValues ? 'Reads values of other people’s calls' : 'Does not read values of other people’s calls'}
        >
          {readsValues ? 'Reads' : '–'}
        </span>
      ),
      width: 'w-24',
      hideBelow: 'lg',
    },
    {
      key: 'link',
      header: 'Account by',
      share: 'w-4/10',
      hideBelow: 'xl',
      cell: ({ link }) => (
        <span className="text-muted" title={link ? describeLink(link) : undefined}>
          <MemberLink link={link} />
        </span>
      ),
    },
    {
      key: 'seen',
      header: 'Last seen',
      sort: { by: 'seen', first: 'desc' },
      cell: ({ lastSeenAt }) => (lastSeenAt ? <RelativeTime at={lastSeenAt} className="text-muted" /> : '–'),
      width: 'w-32',
      hideBelow: 'lg',
    },
    {
      key: 'since',
      header: 'Member since',
      sort: { by: 'since', first: 'desc' },
      cell: ({ createdAt }) => <DayTime at={createdAt} />,
      width: 'w-36',
      hideBelow: 'xl',
    },
    {
      ...ACTIONS_COLUMN,
      cell: (member) => mayChange(viewer, member) && <MemberActions member={member} onOpen={(kind) => open({ kind, member })} />,
    },
  ];
}

interface BulkButtonsProps {
  rows: Member[];
  viewer: Viewer;
  onAsk: (act: MemberAct, rows: Member[]) => void;
}

/** What can be done with several members at once. Who may not be removed by the one who looks is left out of that. */
function BulkButtons({ rows, viewer, onAsk }: BulkButtonsProps) {
  const { can } = useMe();
  const removable = rows.filter((member) => mayChange(viewer, member));
  return (
    <>
      {can('group.manage') && (
        <Button size="small" onClick={() => onAsk('group', rows)}>
          Put into a group…
        </Button>
      )}
      {viewer.mayManage && (
        <Button
          size="small"
          variant="danger-quiet"
          disabledReason={removable.length === 0 ? 'None of them can be removed by you.' : undefined}
          onClick={() => onAsk('remove', removable)}
        >
          Remove…
        </Button>
      )}
    </>
  );
}

/** Who belongs to the workspace, and what each may do. */
export function MemberList() {
  const trpc = useTRPC();
  const { me, can } = useMe();
  const state = useListState(['name', 'email', 'role', 'seen', 'since']);
  const [role, setRole] = useQueryState('role', parseAsStringLiteral(Role.options).withOptions({ history: 'push' }));
  const members = useInfiniteQuery(
    trpc.member.list.infiniteQueryOptions({ ...state.asked, role: role ?? undefined }, LIST_PAGES),
  );
  const bulk = useBulk<Member, MemberAct>();
  const [open, setOpen] = useState<Open>(null);
  const viewer = { membershipId: me?.membershipId, role: me?.role, mayManage: can('member.manage') };
  return (
    <>
      <PageHeader
        title="Members"
        sub="Who may do what in this workspace?"
        primary={
          viewer.mayManage && (
            <Button variant="primary" icon={UserPlusIcon} onClick={() => setOpen({ kind: 'invite' })}>
              Invite member
            </Button>
          )
        }
      />
      <InvitationList ownRole={me?.role} mayManage={viewer.mayManage} />
      <ListTable
        label="Members"
        noun={['member', 'members']}
        query={members}
        state={state}
        filters={[
          buildFilter({ label: 'Role', any: 'Any role', options: ROLES, value: role, onChange: (next) => void setRole(next) }),
        ]}
        errorTitle="The members could not be loaded"
        columns={getColumns(viewer, setOpen)}
        getRowKey={({ id }) => id}
        bulk={
          viewer.mayManage || can('group.manage')
            ? {
                ...bulk.selection,
                getLabel: ({ name }) => `Select ${name}`,
                present: (rows) => <BulkButtons rows={rows} viewer={viewer} onAsk={bulk.ask} />,
              }
            : undefined
        }
        empty={<EmptyState title="Nobody is here" />}
        note="Whoever made a link had it in hand: in reviews the two of them do not count as two people."
      />
      {bulk.asked && <BulkMembers {...bulk.asked} onClose={bulk.close} />}
      <OpenDialog open={open} ownRole={me?.role} onClose={() => setOpen(null)} />
    </>
  );
}

function OpenDialog({ open, ownRole, onClose }: { open: Open; ownRole: Role | undefined; onClose: () => void }) {
  switch (open?.kind) {
    case undefined:
      return null;
    case 'invite':
      return <InviteMember ownRole={ownRole} onClose={onClose} />;
    case 'edit':
      return <EditMember member={open.member} ownRole={ownRole} onClose={onClose} />;
    case 'keys':
      return <RevokeKeys member={open.member} onClose={onClose} />;
    case 'reset':
      return <ResetMember member={open.member} onClose={onClose} />;
    case 'sign-out':
      return <SignOutMember member={open.member} onClose={onClose} />;
    case 'remove':
      return <RemoveMember member={open.member} onClose={onClose} />;
  }
}
