'use client';

import { Dialog as Primitive } from '@cloudflare/kumo/primitives/dialog';
import type { ReactNode } from 'react';

export interface DrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** accessible name */
  label: string;
  children: ReactNode;
}

/** A modal from the left edge, for navigation on narrow screens. */
export function Drawer({ open, onOpenChange, label, children }: DrawerProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Backdrop className="fixed inset-0 z-40 bg-black/40 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Primitive.Popup
          aria-label={label}
          className="fixed inset-y-0 left-0 z-40 w-72 max-w-[85vw] bg-canvas shadow-overlay outline-none transition-transform duration-200 data-ending-style:-translate-x-full data-starting-style:-translate-x-full"
        >
          {children}
        </Primitive.Popup>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
