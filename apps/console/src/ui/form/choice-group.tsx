'use client';

import { type ReactNode, useState } from 'react';

import { DisclosureButton } from '../layout/disclosure-button.tsx';
import { UntrustedText } from '../text/untrusted-text.tsx';

export interface ChoiceGroupProps {
  name: string;
  chosen: number;
  total: number;
  startOpen: boolean;
  /** shown open whatever its button says: a filter is set */
  forceOpen: boolean;
  /** the box that ticks all of it */
  box?: ReactNode;
  /** buttons beside the name, while it is open */
  actions?: ReactNode;
  /** the list of boxes */
  children: ReactNode;
}

/** Boxes to tick that belong together, below a line that says how many of them are ticked and opens and closes them. */
export function ChoiceGroup({ name, chosen, total, startOpen, forceOpen, box, actions, children }: ChoiceGroupProps) {
  const [open, setOpen] = useState(startOpen);
  const expanded = open || forceOpen;
  return (
    <section aria-label={name}>
      <div className="flex min-h-9 items-center gap-2 pr-2 pl-3">
        {box}
        <DisclosureButton open={expanded} onOpenChange={setOpen} className="py-2 pr-1">
          <span className="flex min-w-0 items-baseline gap-1.5">
            <span className="truncate font-medium">
              <UntrustedText text={name} oneLine />
            </span>
            <span className="text-xs text-subtle tabular-nums">
              {chosen}/{total}
            </span>
          </span>
        </DisclosureButton>
        {expanded && actions}
      </div>
      {expanded && children}
    </section>
  );
}
