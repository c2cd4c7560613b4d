'use client';

import { type ReactNode, useRef, useState } from 'react';

import { Button } from '../button.tsx';
import { ConfirmDialog, Dialog } from '../overlay/dialog.tsx';
import { useToast } from '../overlay/toast.tsx';
import { describeCount } from '../text/count.ts';

/** What a verb that acts on several things says: which of them it refused, by their places, and why. */
export interface BulkOutcome {
  refused: readonly { at: number; message: string }[];
}

export interface BulkActProps {
  /** the chosen ones, as they are called */
  rows: readonly { id: string; name: string }[];
  /** one of them and several: "agent", "agents" */
  noun: readonly [one: string, many: string];
  /** what is done, and what is done then: "Revoke", "revoked" */
  verb: readonly [act: string, done: string];
  undo?: (ids: string[]) => Promise<unknown>;
  /** those that were refused, which stay chosen; null: nothing was done */
  onClose: (refused: readonly string[] | null) => void;
}

/** What follows one act on several things: a message with its undo, and the refused by name. */
export function useBulkAct({ rows, noun, verb: [act, did], undo, onClose }: BulkActProps) {
  const toast = useToast();
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  function settle(outcome: BulkOutcome): void {
    const done = rows.filter((_, index) => outcome.refused.every(({ at }) => at !== index)).map(({ id }) => id);
    if (done.length > 0) {
      toast({ title: `${describeCount(done.length, ...noun)} ${did}`, ...(undo && { undo: () => void undo(done) }) });
    }
    if (outcome.refused.length === 0) onClose([]);
    else setRefused(outcome.refused.flatMap(({ at, message }) => (rows[at] ? [{ ...rows[at], message }] : [])));
  }
  return {
    ids: rows.map(({ id }) => id),
    /** "Revoke 2 agents" */
    words: `${act} ${describeCount(rows.length, ...noun)}`,
    settle,
    /** stands in place of the question once something was refused */
    refusals: refused.length > 0 && (
      <Refusals {...{ refused, noun, did }} of={rows.length} onClose={() => onClose(refused.map(({ id }) => id))} />
    ),
  };
}

export interface BulkDialogProps extends BulkActProps {
  /** what stops, for whom, and whether it can be undone */
  children: ReactNode;
  tone?: 'danger' | 'primary';
  apply: (ids: string[]) => Promise<BulkOutcome>;
}

/** Asks before one act on all that are chosen, and says afterwards which were refused and why. */
export function BulkDialog({ children, tone, apply, ...props }: BulkDialogProps) {
  const { ids, words, settle, refusals } = useBulkAct(props);
  const isDone = useRef(false);
  async function confirm(): Promise<void> {
    const outcome = await apply(ids);
    isDone.current = true;
    settle(outcome);
  }
  if (refusals) return refusals;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && !isDone.current && props.onClose(null)}
      title={`${words}?`}
      confirmLabel={words}
      tone={tone}
      onConfirm={confirm}
    >
      {children}
    </ConfirmDialog>
  );
}

interface Refused {
  id: string;
  name: string;
  message: string;
}

interface RefusalsProps extends Pick<BulkActProps, 'noun'> {
  refused: readonly Refused[];
  of: number;
  did: string;
  onClose: () => void;
}

function Refusals({ refused, noun, of, did, onClose }: RefusalsProps) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`${describeCount(refused.length, ...noun)} ${refused.length === 1 ? 'was' : 'were'} not ${did}`}
      description={`Of ${of} that were chosen. They stay chosen.`}
      footer={
        <Button variant="primary" onClick={onClose}>
          Close
        </Button>
      }
    >
      <ul className="flex flex-col gap-2">
        {refused.map(({ id, name, message }) => (
          <li key={id}>
            <span className="font-medium">{name}</span>: {message}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
