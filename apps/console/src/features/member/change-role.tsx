'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/form/select.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import type { Member } from './member-list.tsx';
import { type Role, listAssignableRoles, describeRole } from './roles.ts';

export interface ChangeRoleProps {
  member: Member;
  ownRole: Role | undefined;
  onClose: () => void;
}

/** Gives somebody another role; it holds from the next request on. */
export function ChangeRole({ member, ownRole, onClose }: ChangeRoleProps) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const [role, setRole] = useState<Role>(member.role);
  const change = useMutation(
    trpc.member.changeRole.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries(trpc.member.list.pathFilter());
        toast({ title: `${member.name} is now ${describeRole(role)}` });
        onClose();
      },
    }),
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Role of ${member.name}`}
      description="It holds from the next request on."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            loading={change.isPending}
            disabled={role === member.role}
            onClick={() => change.mutate({ membershipId: member.id, role })}
          >
            Change role
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Select label="Role" options={listAssignableRoles(ownRole)} value={role} onValueChange={setRole} />
        {change.error && <ErrorLine error={change.error} />}
      </div>
    </Dialog>
  );
}
