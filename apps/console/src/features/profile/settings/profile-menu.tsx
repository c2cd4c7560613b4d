'use client';

import { ArchiveIcon, ArrowCounterClockwiseIcon, CopyIcon, GearSixIcon, TrashIcon } from '@phosphor-icons/react/ssr';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { Button } from '../../../ui/button.tsx';
import { type MoreAction, MoreActions } from '../../../ui/overlay/more-actions.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import type { ProfileDetail } from '../draft/draft.ts';
import { NewProfileDialog } from '../new-profile-dialog.tsx';
import { ArchiveDialog, DeleteDialog } from './end-dialogs.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

type About = 'settings' | 'copy' | 'archive' | 'delete';

const EDITS: readonly MoreAction<About>[] = [
  { value: 'settings', label: 'Settings', icon: GearSixIcon },
  { value: 'copy', label: 'Copy to a new profile', icon: CopyIcon },
];

const END = {
  archive: { value: 'archive', label: 'Archive', icon: ArchiveIcon, tone: 'danger' },
  delete: { value: 'delete', label: 'Delete', icon: TrashIcon, tone: 'danger' },
} as const satisfies Record<string, MoreAction<About>>;

/** What else can be done with a profile: its settings, a copy of it, its end. */
export function ProfileMenu({ detail }: { detail: ProfileDetail }) {
  const { can } = useMe();
  const [about, setAbout] = useState<About | null>(null);
  const { profile, sites } = detail;
  const close = (): void => setAbout(null);
  if (!can('profile.edit')) return null;
  const end = profile.archivedAt === null ? END.archive : END.delete;
  return (
    <>
      <MoreActions
        label={`More for ${profile.name}`}
        actions={[...EDITS, ...(can('profile.publish') ? [end] : [])]}
        onChoose={setAbout}
      />
      {about === 'settings' && <SettingsDialog detail={detail} onClose={close} />}
      {about === 'copy' && (
        <NewProfileDialog open onOpenChange={close} copyOf={{ ...profile, siteIds: sites.map(({ id }) => id) }} />
      )}
      {about === 'archive' && <ArchiveDialog profile={profile} onClose={close} />}
      {about === 'delete' && <DeleteDialog profile={profile} onClose={close} />}
    </>
  );
}

/** Takes a profile out of the archive. */
export function RestoreButton({ profile: { id, name, canEnable } }: Pick<ProfileDetail, 'profile'>) {
  const toast = useToast();
  const restore = useMutation(
    useTRPC().profile.restore.mutationOptions({
      onSuccess: ({ disabled }) =>
        toast({
          title: `${name} is restored`,
          description: disabled ? 'It was disabled before it was archived, and still is.' : 'Its endpoints serve it again.',
        }),
    }),
  );
  return (
    <>
      <Button
        size="small"
        icon={ArrowCounterClockwiseIcon}
        loading={restore.isPending}
        disabledReason={canEnable.reason ?? undefined}
        onClick={() => restore.mutate({ profileId: id })}
      >
        Restore
      </Button>
      {restore.error && <ErrorLine error={restore.error} />}
    </>
  );
}
