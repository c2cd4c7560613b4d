'use client';

import { CheckIcon, CircleNotchIcon, WarningCircleIcon } from '@phosphor-icons/react/ssr';

import { ClockTime } from '../../../ui/text/relative-time.tsx';
import type { SaveState } from './use-draft.ts';

/** Whether what is on the screen has reached the server. */
export function SaveIndicator({ save }: { save: SaveState }) {
  return (
    <output className="inline-flex h-8 items-center gap-1.5 px-1 text-xs text-subtle">
      {save.kind === 'saved' && (
        <>
          <CheckIcon aria-hidden size={12} />
          <span>
            Saved <ClockTime at={save.at} />
          </span>
        </>
      )}
      {(save.kind === 'saving' || save.kind === 'waiting') && (
        <>
          <CircleNotchIcon aria-hidden size={12} className="animate-spin" />
          <span>Saving…</span>
        </>
      )}
      {(save.kind === 'refused' || save.kind === 'blocked' || save.kind === 'overtaken') && (
        <span className="inline-flex items-center gap-1.5 text-danger-fg">
          <WarningCircleIcon aria-hidden size={14} />
          <span>Not saved</span>
        </span>
      )}
    </output>
  );
}
