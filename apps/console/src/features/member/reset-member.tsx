'use client';

import { useMutation, useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { LinkDialog } from './link-dialog.tsx';
import type { Member } from './member-list.tsx';

/** Makes a link by which a member who cannot sign in any more chooses a new password. */
export function ResetMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const trpc = useTRPC();
  const create = useMutation(trpc.member.createResetLink.mutationOptions());
  const toast = useToast();
  const { data: me } = useQuery(trpc.me.get.queryOptions());
  const send = useMutation(
    trpc.member.sendReset.mutationOptions({
      onSuccess: () => {
        toast({ title: `${member.name} gets a mail` });
        onClose();
      },
    }),
  );
  if (create.data) {
    return (
      <LinkDialog title={`New password for ${member.name}`} page="reset" link={create.data} onClose={onClose}>
        Hand this link over. Until it is used, the present password signs in, and another one has to be chosen first where this is
        the person’s only workspace.
      </LinkDialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Let ${member.name} choose a new password?`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={me?.sendsMail ? 'secondary' : 'primary'}
            loading={create.isPending}
            onClick={() => create.mutate({ membershipId: member.id })}
          >
            Make link
          </Button>
          {me?.sendsMail && (
            <Button variant="primary" loading={send.isPending} onClick={() => send.mutate({ membershipId: member.id })}>
              Send by mail
            </Button>
          )}
        </>
      }
    >
      {me?.sendsMail && (
        <p className="mb-3 text-muted">
          By mail, {member.email} gets a link that you never see: it changes the password of the person&apos;s account, whose
          sessions and passkeys end.
        </p>
      )}
      <p className="text-muted">
        {me?.sendsMail && 'Or you make it yourself. '}You get a link to hand over. Who follows it chooses a password for this
        workspace, and the person&apos;s sessions in it end. It stands in the admin log that you had it, and in reviews the two of
        you do not count as two people from then on. Other workspaces of the person are not touched.
      </p>
      {(create.error ?? send.error) && <ErrorLine error={create.error ?? send.error} />}
    </Dialog>
  );
}
