'use client';

import { CaretDownIcon, CaretUpIcon, XIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useEffect, useEffectEvent, useId, useRef } from 'react';

import { IconButton } from '../button.tsx';
import { isSingleKey, isTyping } from './single-keys.ts';

export interface InspectorProps {
  open: boolean;
  title: string;
  /** status chip and the like, below the title */
  status?: ReactNode;
  onClose: () => void;
  /** previous (-1) or next (1) row of the list as it is filtered now; J and K call it */
  onMove?: (by: -1 | 1) => void;
  children: ReactNode;
}

/** A panel at the right, beside the list it came from. Esc closes it and gives the focus back to the row. */
export function Inspector({ open, ...rest }: InspectorProps) {
  return open ? <Panel {...rest} /> : null;
}

function Panel({ title, status, onClose, onMove, children }: Omit<InspectorProps, 'open'>) {
  const panel = useRef<HTMLElement>(null);
  const titleId = useId();

  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !isTyping(event.target)) return onClose();
    if (!isSingleKey(event)) return;
    if (event.key === 'j') onMove?.(1);
    else if (event.key === 'k') onMove?.(-1);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);

  return (
    <aside
      ref={panel}
      tabIndex={-1}
      data-inspector
      aria-labelledby={titleId}
      className="fixed inset-y-0 right-0 z-30 flex w-full animate-panel flex-col border-l border-line bg-surface shadow-overlay outline-none sm:w-120 xl:top-12 xl:shadow-none"
    >
      <header className="flex items-start gap-2 border-b border-line px-4 py-3">
        <div className="min-w-0 flex-1">
          <h2 id={titleId} className="text-sm font-semibold wrap-anywhere">
            {title}
          </h2>
          {status}
        </div>
        {onMove && (
          <>
            <IconButton label="Previous (K)" size="inline" icon={<CaretUpIcon size={14} />} onClick={() => onMove(-1)} />
            <IconButton label="Next (J)" size="inline" icon={<CaretDownIcon size={14} />} onClick={() => onMove(1)} />
          </>
        )}
        <IconButton label="Close (Esc)" size="inline" icon={<XIcon size={14} />} onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-4">{children}</div>
    </aside>
  );
}
