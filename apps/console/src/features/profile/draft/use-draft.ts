'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import type { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { useTRPC } from '../../../trpc/client.tsx';
import { useUnloadWarning } from '../../../ui/form/leave-guard.tsx';
import { readEditConflict } from '../../../ui/form/merge-versions.ts';
import { toProfileDraft, type StaffDraft } from './draft.ts';
import { type DraftConflict, mergeDrafts } from './merge-drafts.ts';
import { useNewest } from './use-newest.ts';

/** Pause after the last change before it is saved, milliseconds. */
const PAUSE_MS = 600;

export type SaveState =
  | { kind: 'saved'; at: Date }
  | { kind: 'saving' }
  | { kind: 'waiting' }
  | { kind: 'blocked' }
  | { kind: 'overtaken' }
  | { kind: 'refused'; error: unknown };

export interface DraftEditor {
  draft: ProfileDraft;
  save: SaveState;
  /** every change has reached the server */
  settled: boolean;
  /** what somebody else set otherwise meanwhile, while it waits for a choice; nothing is saved before */
  conflicts: readonly DraftConflict[];
  change: (next: (draft: ProfileDraft) => ProfileDraft) => void;
  /** settles the conflicts: of these keys what was done here stands, of the others what somebody else did */
  settle: (mine: ReadonlySet<string>) => void;
  /** tries a refused save once more */
  retry: () => void;
  /** drops the local changes for what the server holds now */
  reload: () => void;
}

/** What this page started from. */
interface Base {
  draft: ProfileDraft;
  revision: number;
  at: Date;
}

const toBase = (stored: StaffDraft): Base => ({ draft: toProfileDraft(stored), revision: stored.revision, at: stored.updatedAt });

/** The draft on the screen, what it started from, and what the server holds meanwhile put together with it. */
function useMergedDraft(stored: StaffDraft) {
  const [base, setBase] = useState(() => toBase(stored));
  const [draft, setDraft] = useState(base.draft);
  const [refused, setRefused] = useState<{ draft: ProfileDraft; error: unknown } | null>(null);
  // until what was saved is what this page starts from, in one step: what the server holds meanwhile is one's own
  const [isSending, setSending] = useState(false);
  const dirty = draft !== base.draft;
  const overtaken = !isSending && stored.revision > base.revision;
  const merge = (mine?: ReadonlySet<string>) =>
    mergeDrafts({ base: base.draft, mine: draft, theirs: toProfileDraft(stored) }, mine);
  const { conflicts } = overtaken && dirty ? merge() : NO_CONFLICT;

  function adopt(next?: ProfileDraft): void {
    const now = toBase(stored);
    setBase(now);
    setDraft(next ?? now.draft);
    setRefused(null);
  }
  if (overtaken && conflicts.length === 0) adopt(dirty ? merge().draft : undefined);
  return {
    base,
    setBase,
    draft,
    setDraft,
    refused,
    setRefused,
    isSending,
    setSending,
    dirty,
    overtaken,
    merge,
    conflicts,
    adopt,
  };
}

/**
 * The draft while it is edited. Saves itself after a short pause, and at once when the page is left; a refused save keeps what was done
 * on the screen, and so does a draft that is not savable yet. `stored` is what the server holds: what somebody else changes is put together with what is
 * unsaved here, entry by entry, and only what both set otherwise waits for a choice.
 */
export function useDraft(profileId: string, stored: StaffDraft, isSavable: (draft: ProfileDraft) => boolean): DraftEditor {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { base, draft, refused, isSending, dirty, overtaken, conflicts, ...set } = useMergedDraft(stored);
  const { mutate, mutateAsync } = useMutation(trpc.profile.saveDraft.mutationOptions());
  const blocked = dirty && !isSavable(draft);
  const open = dirty && !blocked && !overtaken && refused?.draft !== draft;
  const sending = useRef<Promise<number>>(Promise.resolve(0));
  useAfterPause(open && !isSending, draft, () => {
    set.setSending(true);
    sending.current = mutateAsync({ profileId, draft, revision: base.revision }).then(
      ({ revision, updatedAt: at }) => {
        set.setBase({ draft, revision, at });
        set.setRefused(null);
        set.setSending(false);
        return revision;
      },
      (error: unknown) => {
        set.setRefused({ draft, error });
        set.setSending(false);
        // somebody else was first: what they made of it comes, and is put together with this
        if (readEditConflict(error)) void queries.invalidateQueries(trpc.profile.get.pathFilter());
        return 0;
      },
    );
  });
  // Leaving for another page of the console does not wait for the pause, only for a save that is on its way.
  useOnLeave(() => {
    if (!open) return;
    void sending.current.then((revision) => mutate({ profileId, draft, revision: Math.max(revision, base.revision) }));
  });
  useUnloadWarning(dirty);

  function saveState(): SaveState {
    if (isSending) return { kind: 'saving' };
    if (conflicts.length > 0) return { kind: 'overtaken' };
    if (!dirty) return { kind: 'saved', at: base.at };
    if (blocked) return { kind: 'blocked' };
    return refused?.draft === draft ? { kind: 'refused', error: refused.error } : { kind: 'waiting' };
  }
  return {
    draft,
    save: saveState(),
    settled: !dirty && !isSending,
    conflicts,
    change: set.setDraft,
    settle: (mine) => set.adopt(set.merge(mine).draft),
    retry: () => set.setRefused(null),
    reload: () => {
      set.adopt();
      void queries.invalidateQueries(trpc.profile.get.pathFilter());
    },
  };
}

const NO_CONFLICT: { conflicts: readonly DraftConflict[] } = { conflicts: [] };

/** Acts once `subject` has stayed the same for the pause. */
function useAfterPause(active: boolean, subject: unknown, act: () => void): void {
  const newest = useNewest(act);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(() => newest.current(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [active, subject, newest]);
}

/** Acts when the component goes away. */
function useOnLeave(act: () => void): void {
  const newest = useNewest(act);
  useEffect(() => () => newest.current(), [newest]);
}
