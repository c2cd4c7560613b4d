'use client';

import {
  ArchiveIcon,
  ArrowCounterClockwiseIcon,
  CopyIcon,
  DotsThreeIcon,
  GearSixIcon,
  TrashIcon,
} from '@phosphor-icons/react/ssr';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { Button } from '../../../ui/button.tsx';
import { Menu, MenuItem, MenuSeparator } from '../../../ui/overlay/menu.tsx';
import { useToast } from '../../../ui/overlay/toast.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import type { ProfileDetail } from '../draft/draft.ts';
import { NewProfileDialog } from '../new-profile-dialog.tsx';
import { ArchiveDialog, DeleteDialog } from './end-dialogs.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

type About = 'settings' | 'copy' | 'archive' | 'delete';

/** What else can be done with a profile: its settings, a copy of it, its end. */
export function ProfileMenu({ detail }: { detail: ProfileDetail }) {
  const { can } = useMe();
  const [about, setAbout] = useState<About | null>(null);
  const { profile, sites } = detail;
  const archived = profile.archivedAt !== null;
  const close = (): void => setAbout(null);
  if (!can('profile.edit')) return null;
  return (
    <>
      <Menu
        trigger={
          <Button icon={DotsThreeIcon} aria-label={`More for ${profile.name}`}>
            More
          </Button>
        }
      >
        <MenuItem icon={GearSixIcon} onClick={() => setAbout('settings')}>
          Settings
        </MenuItem>
        <MenuItem icon={CopyIcon} onClick={() => setAbout('copy')}>
          Copy to a new profile
        </MenuItem>
        {can('profile.publish') && <MenuSeparator />}
        {can('profile.publish') && !archived && (
          <MenuItem icon={ArchiveIcon} tone="danger" onClick={() => setAbout('archive')}>
            Archive
          </MenuItem>
        )}
        {can('profile.publish') && archived && (
          <MenuItem icon={TrashIcon} tone="danger" onClick={() => setAbout('delete')}>
            Delete
          </MenuItem>
        )}
      </Menu>
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
