'use client';

import { AlertDialog } from '@cloudflare/kumo/primitives/alert-dialog';
import { useRef } from 'react';

import { Button } from '../button.tsx';
import { cn } from '../cn.ts';
import { BACKDROP, POPUP, WIDTH } from './dialog.tsx';

export interface LossQuestionProps {
  open: boolean;
  /** "Leave without saving?" */
  title: string;
  /** what would be lost */
  children: string;
  /** the way back to what was typed; has the focus, and is what Escape means */
  stayLabel: string;
  loseLabel: string;
  onStay: () => void;
  onLose: () => void;
}

/** Asks before what somebody has typed is lost. Without a form of its own: a submit in it would be one of the form around it. */
export function LossQuestion({ open, title, children, stayLabel, loseLabel, onStay, onLose }: LossQuestionProps) {
  const stay = useRef<HTMLButtonElement>(null);
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onStay()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup initialFocus={stay} className={cn(POPUP, WIDTH.small)}>
          <AlertDialog.Title className="px-5 pt-4 text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description className="px-5 pt-2 pb-5 text-muted">{children}</AlertDialog.Description>
          <footer className="flex justify-end gap-2 rounded-b-dialog border-t border-line bg-canvas px-5 py-3">
            <AlertDialog.Close render={<Button ref={stay}>{stayLabel}</Button>} />
            <Button variant="danger" onClick={onLose}>
              {loseLabel}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
