'use client';

import { type ReactNode, useState } from 'react';

import { Button } from '../button.tsx';
import { Card } from '../layout/card.tsx';
import { ConfirmDialog, type ConfirmDialogProps } from './dialog.tsx';

export interface DangerZoneProps extends Pick<ConfirmDialogProps, 'title' | 'typedName' | 'onConfirm'> {
  /** what it does, or why it cannot be done yet */
  words: ReactNode;
  /** names the act: "Delete group" */
  act: string;
  /** what has to be done first */
  disabledReason?: string | undefined;
  /** what becomes of everything, asked once more */
  children: ReactNode;
}

/** The end of the thing that a page is about, at its foot: said, asked once more, done. */
export function DangerZone({ words, act, disabledReason, children, ...dialog }: DangerZoneProps) {
  const [open, setOpen] = useState(false);
  return (
    <Card title="Danger zone">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[68ch] text-muted">{words}</p>
        <Button variant="danger-quiet" disabledReason={disabledReason} onClick={() => setOpen(true)}>
          {act}…
        </Button>
      </div>
      <ConfirmDialog {...dialog} open={open} onOpenChange={setOpen} confirmLabel={act}>
        {children}
      </ConfirmDialog>
    </Card>
  );
}
