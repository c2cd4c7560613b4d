'use client';

import { Toast as Primitive } from '@cloudflare/kumo/primitives/toast';
import { XIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { Button, IconButton } from '../button.tsx';

/** Milliseconds until a message goes by itself. */
const SHOWN = 5_000;
const SHOWN_WITH_UNDO = 8_000;

/** Holds the toasts. Mounted once, in the root layout. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Primitive.Provider>
      {children}
      <Primitive.Portal>
        <Primitive.Viewport className="fixed right-4 bottom-4 z-50 flex w-85 max-w-[calc(100vw-2rem)] flex-col-reverse gap-2 sm:right-8 sm:bottom-8">
          <ToastList />
        </Primitive.Viewport>
      </Primitive.Portal>
    </Primitive.Provider>
  );
}

/** One below the other, each whole: an undo in one is not covered by the next. */
function ToastList() {
  const { toasts, close } = Primitive.useToastManager<{ undo?: () => void }>();
  return toasts.map((toast) => (
    <Primitive.Root
      key={toast.id}
      toast={toast}
      // the primitive calls it a dialog, for which people would look in vain for something to answer
      role="group"
      aria-modal={undefined}
      className="rounded-card border border-kumo-line bg-surface text-fg shadow-overlay transition-opacity duration-150 select-none data-ending-style:opacity-0 data-limited:hidden data-starting-style:opacity-0"
    >
      <Primitive.Content className="flex items-start gap-2 py-3 pr-2 pl-4">
        <div className="min-w-0 flex-1 py-0.5 text-sm wrap-anywhere">
          <Primitive.Title className="font-medium" />
          <Primitive.Description className="text-muted" />
          {toast.data?.undo && <UndoButton undo={toast.data.undo} onUndone={() => close(toast.id)} />}
        </div>
        {/* the primitive hides it from screen readers until the pointer is over it, while it takes focus */}
        <Primitive.Close aria-hidden={false} render={<IconButton label="Close" icon={<XIcon size={16} />} size="small" />} />
      </Primitive.Content>
    </Primitive.Root>
  ));
}

/** Undoes once: the message goes with the click. */
function UndoButton({ undo, onUndone }: { undo: () => void; onUndone: () => void }) {
  const undoOnce = (): void => {
    onUndone();
    undo();
  };
  return (
    <Button size="small" className="mt-2" onClick={undoOnce}>
      Undo
    </Button>
  );
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
  const manager = Primitive.useToastManager();
  return ({ title, description, undo }) => {
    manager.add({ title, description, timeout: undo ? SHOWN_WITH_UNDO : SHOWN, data: { undo } });
  };
}
