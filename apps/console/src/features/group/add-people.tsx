'use client';

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { ChoosePeople, type Person } from './choose-people.tsx';
import type { GroupDetail } from './group-page.tsx';

/** As many as one request takes. */
const MOST = 200;

/** Chooses who of the workspace comes into the group. What was ticked stays so while the search shows others. */
export function AddPeople({ group, onClose }: { group: GroupDetail; onClose: () => void }) {
  const toast = useToast();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Person>>(new Map());
  const add = useMutation(
    useTRPC().group.addMembers.mutationOptions({
      onSuccess: ({ added }) => {
        toast({ title: `${describeCount(added, 'person', 'people')} added to ${group.name}` });
        onClose();
      },
    }),
  );

  function toggle(person: Person, checked: boolean): void {
    const next = new Map(chosen);
    if (checked) next.set(person.membershipId, person);
    else next.delete(person.membershipId);
    setChosen(next);
  }

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Add people to ${group.name}`}
      description={
        group.profileCount === 0
          ? 'The group has no profile yet.'
          : `They may use ${describeCount(group.profileCount, 'profile')} at once.`
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="primary"
            loading={add.isPending}
            disabledReason={findProblem(chosen.size)}
            onClick={() => add.mutate({ groupId: group.id, membershipIds: [...chosen.keys()] })}
          >
            {chosen.size === 0 ? 'Add people' : `Add ${describeCount(chosen.size, 'person', 'people')}`}
          </Button>
        </>
      }
    >
      <ChoosePeople group={group} chosen={chosen} onToggle={toggle} />
      {add.error && <ErrorLine error={add.error} className="mt-3" />}
    </Dialog>
  );
}

function findProblem(count: number): string | undefined {
  if (count === 0) return 'Tick somebody first.';
  return count > MOST ? `At most ${MOST} people at once. Untick some and add them afterwards.` : undefined;
}
