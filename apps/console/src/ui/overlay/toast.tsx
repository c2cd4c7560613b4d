'use client';

import { Toasty, useKumoToastManager } from '@cloudflare/kumo';
import type { ReactNode } from 'react';

/** Holds the toasts. Mounted once, in the root layout. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return <Toasty>{children}</Toasty>;
}

export interface ToastMessage {
  /** what happened, in the past: "Member removed" */
  title: string;
  description?: string;
  /** offered for 8 s */
  undo?: () => void;
}

/** Shows a message at the bottom right for 5 s. For finished background work and undo; errors that need action stay in the page. */
export function useToast(): (message: ToastMessage) => void {
  const manager = useKumoToastManager();
  return ({ title, description, undo }) => {
    const actions = undo && [{ children: 'Undo', variant: 'secondary' as const, size: 'sm' as const, onClick: undo }];
    manager.add({ title, description, timeout: undo ? 8_000 : 5_000, ...(actions && { actions }) });
  };
}
