'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import type { Member } from './member-list.tsx';

/** Ends what a member has open of this workspace, without taking anything away. */
export function SignOutMember({ member, onClose }: { member: Member; onClose: () => void }) {
  const trpc = useTRPC();
  const toast = useToast();
  const signOut = useMutation(trpc.member.signOut.mutationOptions());

  async function confirm(): Promise<void> {
    await signOut.mutateAsync({ membershipId: member.id });
    toast({ title: `${member.name} is signed out` });
  }

  return (
    <ConfirmDialog open onOpenChange={onClose} title={`Sign ${member.name} out?`} confirmLabel="Sign out" onConfirm={confirm}>
      <p>
        Every browser in which {member.email} has this workspace open is asked to sign in again, from the next click on, and the
        sessions of the person&apos;s AI clients end. Password, role and client keys stay, so a client that has a key may open
        another session: revoke the key to keep it out. Other workspaces of the person are not touched.
      </p>
    </ConfirmDialog>
  );
}
