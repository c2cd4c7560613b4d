'use client';

import { CaretRightIcon } from '@phosphor-icons/react/ssr';
import type { ComponentProps } from 'react';

import { cn } from '../cn.ts';

export interface DisclosureButtonProps extends Omit<ComponentProps<'button'>, 'onClick'> {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Opens and closes what stands below it. */
export function DisclosureButton({ open, onOpenChange, className, children, ...rest }: DisclosureButtonProps) {
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={() => onOpenChange(!open)}
      className={cn('flex min-w-0 flex-1 items-center text-left', className)}
      {...rest}
    >
      <span className="flex min-w-0 flex-1 items-start gap-2">
        {/* in the middle of the first line, however many there are */}
        <span className="flex h-lh shrink-0 items-center">
          <CaretRightIcon
            aria-hidden
            size={12}
            weight="bold"
            className={cn('text-subtle transition-transform', open && 'rotate-90')}
          />
        </span>
        {children}
      </span>
    </button>
  );
}
