'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { Banner } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { ListFooter } from '../../ui/list/list-footer.tsx';
import { MenuItem } from '../../ui/overlay/menu.tsx';
import { ACTIONS_COLUMN, RowActions } from '../../ui/overlay/row-actions.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { withBreaks } from '../../ui/text/break-points.tsx';
import { DayTime } from '../../ui/text/relative-time.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { type Role, describeRole } from './roles.ts';

type Invitation = ApiOutput['member']['listInvitations']['rows'][number];

interface Actions {
  mayChange: (invitation: Invitation) => boolean;
  renew: (invitation: Invitation) => void;
  /** null where no mail is sent */
  resend: ((invitation: Invitation) => void) | null;
  withdraw: (invitation: Invitation) => void;
}

function InvitationState({ state, mail }: Pick<Invitation, 'state' | 'mail'>) {
  if (state === 'expired') return <Badge tone="warn">Expired</Badge>;
  if (mail === 'failed') return <Badge tone="danger">Mail not taken</Badge>;
  if (mail === 'late') return <Badge tone="warn">Mail late</Badge>;
  return <Badge tone="info">{mail === 'waiting' ? 'Mail on its way' : mail === 'sent' ? 'Mail sent' : 'Open'}</Badge>;
}

/** What to do where mails do not arrive; nothing where they do. */
function MailTrouble({ rows }: { rows: Invitation[] }) {
  const open = rows.filter(({ state }) => state === 'open');
  const isAny = (state: Invitation['mail']) => open.some(({ mail }) => mail === state);
  if (isAny('failed')) {
    return (
      <Banner tone="danger" className="mb-2">
        The mail server has not taken a mail, however often it was asked. Send it again, or make a new link and hand it over.
      </Banner>
    );
  }
  if (!isAny('late')) return null;
  return (
    <Banner tone="warn" className="mb-2">
      The mail server has not taken a mail. It is asked again for about an hour. Where somebody cannot wait, make a new link and
      hand it over.
    </Banner>
  );
}

const getColumns = ({ mayChange, renew, resend, withdraw }: Actions): Column<Invitation>[] => [
  {
    key: 'email',
    header: 'Invited',
    share: 'w-1/2',
    cell: ({ email }) => (
      <span className="font-medium" title={email}>
        {withBreaks(email)}
      </span>
    ),
  },
  {
    key: 'state',
    header: 'State',
    width: 'w-36',
    cell: (invitation) => <InvitationState {...invitation} />,
  },
  { key: 'role', header: 'Role', cell: ({ role }) => describeRole(role), width: 'w-28', hideBelow: 'md' },
  {
    key: 'by',
    header: 'Invited by',
    share: 'w-1/2',
    cell: ({ invitedBy }) => <span className="text-muted">{invitedBy?.name ?? 'Operator'}</span>,
    hideBelow: 'lg',
  },
  { key: 'until', header: 'Works until', cell: ({ expiresAt }) => <DayTime at={expiresAt} />, width: 'w-36', hideBelow: 'lg' },
  {
    ...ACTIONS_COLUMN,
    cell: (invitation) =>
      mayChange(invitation) && (
        <RowActions label={`Actions for the invitation of ${invitation.email}`}>
          {resend && <MenuItem onClick={() => resend(invitation)}>Send again by mail</MenuItem>}
          <MenuItem onClick={() => renew(invitation)}>Make a new link</MenuItem>
          <MenuItem tone="danger" onClick={() => withdraw(invitation)}>
            Withdraw invitation
          </MenuItem>
        </RowActions>
      ),
  },
];

interface InvitationListProps {
  ownRole: Role | undefined;
  mayManage: boolean;
}

/** Who was invited and has not joined yet; nothing where nobody was. */
export function InvitationList({ ownRole, mayManage }: InvitationListProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const { me, can } = useMe();
  // whoever may not see who belongs to the workspace is told so once, by the list of members
  const enabled = can('member.read');
  const invitations = useInfiniteQuery(
    trpc.member.listInvitations.infiniteQueryOptions({ limit: 20 }, { ...LIST_PAGES, enabled }),
  );
  const rows = invitations.data?.pages.flatMap((page) => page.rows) ?? [];
  const [renewed, setRenewed] = useState<Invitation | null>(null);
  const reload = () => queries.invalidateQueries(trpc.member.listInvitations.pathFilter());
  const renew = useMutation(trpc.member.renewInvitation.mutationOptions({ onSuccess: reload }));
  const withdraw = useMutation(trpc.member.withdrawInvitation.mutationOptions({ onSuccess: reload }));
  const resend = useMutation(trpc.member.resendInvitation.mutationOptions({ onSuccess: reload }));
  if (invitations.error) return <ErrorLine error={invitations.error} className="mb-6" />;
  if (rows.length === 0) return null;

  const columns = getColumns({
    mayChange: ({ role }) => mayManage && (role !== 'owner' || ownRole === 'owner'),
    renew(invitation) {
      setRenewed(invitation);
      renew.mutate({ invitationId: invitation.id });
    },
    resend: me?.sendsMail
      ? ({ id, email }) =>
          resend.mutate({ invitationId: id }, { onSuccess: () => toast({ title: `${email} gets another mail` }) })
      : null,
    withdraw: ({ id, email }) =>
      withdraw.mutate({ invitationId: id }, { onSuccess: () => toast({ title: `The invitation of ${email} is withdrawn` }) }),
  });
  const error = renew.error ?? resend.error ?? withdraw.error;
  return (
    <section className="mb-6">
      <h2 className="mb-2 text-sm font-semibold">Invitations</h2>
      {error && <ErrorLine error={error} className="mb-2" />}
      {mayManage && <MailTrouble rows={rows} />}
      <Table
        label="Invitations"
        columns={columns}
        rows={rows}
        getRowKey={({ id }) => id}
        footer={
          <ListFooter
            shown={rows.length}
            total={invitations.data?.pages.at(-1)?.total ?? 0}
            noun={['invitation', 'invitations']}
            query={invitations}
          />
        }
      />
      {renewed && renew.data && (
        <LinkDialog title={`New link for ${renewed.email}`} page="invitation" link={renew.data} onClose={() => renew.reset()}>
          Hand this link over. The one before works no more.
        </LinkDialog>
      )}
    </section>
  );
}
