'use client';

import { MagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useState } from 'react';

import { useMe } from '../../trpc/use-me.ts';
import { IconButton } from '../../ui/button.tsx';
import { KeysSheet } from './keys-sheet.tsx';
import { Palette } from './palette.tsx';
import { useRecent } from './use-recent.ts';

export interface Finder {
  open: { openPalette: () => void; openKeys: () => void };
  /** the palette or the sheet of keys, while it is open */
  shown: ReactNode;
}

/** The palette and the sheet of keys of a frame. `title` names the object whose page is open. */
export function useFinder(title: string | null): Finder {
  const { me, holds } = useMe();
  const [open, setOpen] = useState<'palette' | 'keys' | null>(null);
  const owner = me ? `${me.userId}.${me.tenantSlug}` : '';
  useRecent(owner, title);
  const close = (): void => setOpen(null);
  return {
    open: { openPalette: () => setOpen('palette'), openKeys: () => setOpen('keys') },
    shown: (
      <>
        {open === 'palette' && <Palette owner={owner} onClose={close} />}
        {open === 'keys' && <KeysSheet can={holds} onClose={close} />}
      </>
    ),
  };
}

/** What ⌘ K does, for those who point. */
export const FindButton = ({ onClick }: { onClick: () => void }) => (
  <IconButton label="Find or go to (⌘ K)" icon={<MagnifyingGlassIcon size={16} />} onClick={onClick} />
);
