'use client';

import { QuestionIcon } from '@phosphor-icons/react/ssr';
import { usePathname } from 'next/navigation';

import { cn } from '../cn.ts';
import { Tooltip } from '../overlay/tooltip.tsx';
import { findHelp, toHeadingId } from './help-places.ts';

/** To the part of the documents of this version that is about the page. In a tab of its own: what was typed stays. Last in the head of every page (WCAG 3.2.6). */
export function HelpLink({ className }: { className?: string }) {
  const { document, heading } = findHelp(usePathname());
  const words = `Help: ${heading} (new tab)`;
  return (
    <Tooltip text={words}>
      <a
        href={`/help/${document}#${toHeadingId(heading)}`}
        target="_blank"
        rel="noopener"
        aria-label={words}
        className={cn(
          'inline-flex size-8 shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-active hover:text-fg pointer-coarse:size-10',
          className,
        )}
      >
        <QuestionIcon aria-hidden size={16} />
      </a>
    </Tooltip>
  );
}
