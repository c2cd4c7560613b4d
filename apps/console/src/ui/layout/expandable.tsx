'use client';

import { type ReactNode, useId, useState } from 'react';

import { DisclosureButton } from './disclosure-button.tsx';

export interface ExpandableProps {
  /** the line that stays */
  summary: ReactNode;
  /** controls at the end of the line; not part of the toggle */
  actions?: ReactNode;
  defaultOpen?: boolean;
  children: ReactNode;
}

/** A line that opens to more below it. */
export function Expandable({ summary, actions, defaultOpen = false, children }: ExpandableProps) {
  const [open, setOpen] = useState(defaultOpen);
  const panelId = useId();
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2">
        <DisclosureButton
          open={open}
          onOpenChange={setOpen}
          aria-controls={panelId}
          className="min-h-7 gap-2 pointer-coarse:min-h-10 max-sm:basis-52"
        >
          {summary}
        </DisclosureButton>
        {actions}
      </div>
      <div id={panelId} hidden={!open} className="border-t border-line bg-canvas">
        {children}
      </div>
    </>
  );
}
