'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { LinkDialog } from './link-dialog.tsx';
import type { Member } from './member-list.tsx';

/** Makes a link by which a member who cannot sign in any more chooses a new password. */
export function ResetMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const trpc = useTRPC();
  const create = useMutation(trpc.member.createResetLink.mutationOptions());
  if (create.data) {
    return (
      <LinkDialog title={`New password for ${member.name}`} page="reset" link={create.data} onClose={onClose}>
        Hand this link over. Until it is used, the present password works.
      </LinkDialog>
    );
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        // Confirmed: the link takes the place of the question.
        if (!open && !create.isPending && !create.isSuccess) onClose();
      }}
      title={`Let ${member.name} choose a new password?`}
      confirmLabel="Make link"
      onConfirm={() => create.mutateAsync({ membershipId: member.id }).then(() => undefined)}
    >
      <p>
        You get a link to hand over. Who follows it chooses a password for this workspace, and the person&apos;s sessions in it
        end. It stands in the admin log that you had it. Other workspaces of the person are not touched.
      </p>
    </ConfirmDialog>
  );
}
