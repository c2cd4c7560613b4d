'use client';

import { useState } from 'react';

import { Button } from '../../../ui/button.tsx';
import type { ProfileDetail } from '../draft/draft.ts';
import { SettingsDialog } from './settings-dialog.tsx';

/** Opens the settings, where the sites of the profile are. */
export function SitesButton({ detail }: { detail: ProfileDetail }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Change where it is served
      </Button>
      {open && <SettingsDialog detail={detail} onClose={() => setOpen(false)} />}
    </>
  );
}
