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

/** A line that opens to more below it. What is below is made when it is first opened, as a page may have thousands of these, and kept from then on. */
export function Expandable({ summary, actions, defaultOpen = false, children }: ExpandableProps) {
  const [open, setOpen] = useState(defaultOpen);
  const [wasOpened, setWasOpened] = useState(defaultOpen);
  const panelId = useId();
  const toggle = (next: boolean): void => {
    setOpen(next);
    if (next) setWasOpened(true);
  };
  return (
    <>
      {/* what does not fit beside the summary stands below its words, not below the sign before them */}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 py-2 pr-4 pl-9">
        <DisclosureButton
          open={open}
          onOpenChange={toggle}
          aria-controls={panelId}
          className="-ml-5 min-h-7 pointer-coarse:min-h-10 max-sm:basis-52"
        >
          {summary}
        </DisclosureButton>
        {actions}
      </div>
      <div id={panelId} hidden={!open} className="border-t border-line bg-canvas">
        {wasOpened && children}
      </div>
    </>
  );
}
