'use client';

import { Tooltip as Primitive } from '@cloudflare/kumo/primitives/tooltip';
import type { ReactElement } from 'react';

export interface TooltipProps {
  /** a short sentence; never the only place where something is said */
  text: string;
  /** one focusable element */
  children: ReactElement;
  side?: 'top' | 'right' | 'bottom' | 'left';
}

/** Says more about one focusable element, on hover and on focus. */
export function Tooltip({ text, children, side = 'top' }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger delay={300} render={children} />
      <Primitive.Portal>
        <Primitive.Positioner side={side} sideOffset={6} className="z-50">
          <Primitive.Popup
            role="tooltip"
            className="max-w-72 rounded-control bg-fg px-2 py-1 text-xs text-canvas shadow-overlay transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {text}
          </Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
