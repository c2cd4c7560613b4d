'use client';

import { DotsThreeIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';

import { Button } from '../button.tsx';

export interface HeaderActionsProps {
  /** whose they are: "Orders" */
  object: string;
  /** what stays in sight whatever the width: the state of a draft */
  note?: ReactNode;
  /** what may stand behind one button where there is no room; a fragment of buttons */
  actions?: ReactNode;
  /** the one that stays */
  primary?: ReactNode;
}

/**
 * The actions of a page, in one line. On a phone more than two beside the primary one stand behind "Actions" (`globals.css`, which can count what was
 * rendered), where a click shows them one below the other. They stay the same elements: a dialog that one of them holds goes on when the list closes.
 */
export function HeaderActions({ object, note, actions, primary }: HeaderActionsProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const all = useRef<HTMLDivElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    // An act closes the list. Before it is done the focus goes to what opened the list: a dialog remembers that, and gives it back.
    const close = (): void => {
      setOpen(false);
      toggle.current?.focus({ preventScroll: true });
    };
    const act = ({ target }: Event): void => {
      if (isAct(target, list.current)) close();
    };
    const leave = ({ target }: Event): void => {
      if (target instanceof Element && !all.current?.contains(target) && !target.closest('[role="menu"]')) setOpen(false);
    };
    const escape = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape' && all.current?.contains(document.activeElement)) close();
    };
    document.addEventListener('click', act, true);
    document.addEventListener('pointerdown', leave);
    document.addEventListener('keydown', escape);
    return () => {
      document.removeEventListener('click', act, true);
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('keydown', escape);
    };
  }, [open]);

  return (
    <div ref={all} data-header-actions data-open={open || undefined} className="relative flex flex-wrap items-center gap-2">
      <div className="empty:hidden max-sm:basis-full">{note}</div>
      <Button
        ref={toggle}
        data-toggle
        icon={DotsThreeIcon}
        aria-expanded={open}
        aria-controls={id}
        aria-label={`More actions for ${object}`}
        onClick={() => setOpen(!open)}
      >
        Actions
      </Button>
      <div ref={list} id={id} data-more className="flex flex-wrap items-center gap-2 empty:hidden">
        {actions}
      </div>
      {primary}
    </div>
  );
}

/** A link or a button of the list that does something now, and does not only show a menu of its own. What is clicked in a dialog of it is not in the list. */
function isAct(target: EventTarget | null, list: Element | null): boolean {
  if (!(target instanceof Element) || !list?.contains(target)) return false;
  return target.closest('a, button:not([aria-disabled="true"], [aria-haspopup])') !== null;
}
