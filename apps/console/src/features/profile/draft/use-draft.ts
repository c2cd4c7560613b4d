'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';

import type { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { useTRPC } from '../../../trpc/client.tsx';
import { toProfileDraft, type StaffDraft } from './draft.ts';

/** Pause after the last change before it is saved, milliseconds. */
const PAUSE_MS = 600;

export type SaveState =
  | { kind: 'saved'; at: Date }
  | { kind: 'saving' }
  | { kind: 'waiting' }
  | { kind: 'blocked' }
  | { kind: 'refused'; error: unknown };

export interface DraftEditor {
  draft: ProfileDraft;
  save: SaveState;
  /** every change has reached the server */
  settled: boolean;
  change: (next: (draft: ProfileDraft) => ProfileDraft) => void;
  /** tries a refused save once more */
  retry: () => void;
  /** drops the local changes for what the server holds now */
  reload: () => void;
}

/**
 * The draft while it is edited. Saves itself after a short pause, and at once when the page is left; a refused save keeps what was done
 * on the screen, and so does a draft that is not savable yet. `stored` is what the server holds; somebody else's change is taken over as long as nothing is unsaved here.
 */
export function useDraft(profileId: string, stored: StaffDraft, isSavable: (draft: ProfileDraft) => boolean): DraftEditor {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [base, setBase] = useState(() => ({ draft: toProfileDraft(stored), at: stored.updatedAt }));
  const [draft, setDraft] = useState(base.draft);
  const [refused, setRefused] = useState<{ draft: ProfileDraft; error: unknown } | null>(null);
  const { mutate, mutateAsync, isPending } = useMutation(trpc.profile.saveDraft.mutationOptions());
  const dirty = draft !== base.draft;

  function adopt(): void {
    const next = { draft: toProfileDraft(stored), at: stored.updatedAt };
    setBase(next);
    setDraft(next.draft);
    setRefused(null);
  }
  if (!dirty && !isPending && stored.updatedAt > base.at) adopt();

  const blocked = dirty && !isSavable(draft);
  const open = dirty && !blocked && refused?.draft !== draft;
  const sending = useRef<Promise<Date | null>>(Promise.resolve(null));
  useAfterPause(open && !isPending, draft, () => {
    sending.current = mutateAsync({ profileId, draft, basedOn: base.at }).then(
      ({ draftUpdatedAt }) => {
        setBase({ draft, at: draftUpdatedAt });
        setRefused(null);
        return draftUpdatedAt;
      },
      (error: unknown) => {
        setRefused({ draft, error });
        return null;
      },
    );
  });
  // Leaving for another page of the console does not wait for the pause, only for a save that is on its way.
  useOnLeave(() => {
    if (!open) return;
    void sending.current.then((at) => mutate({ profileId, draft, basedOn: at && at > base.at ? at : base.at }));
  });
  useUnloadWarning(dirty);

  function saveState(): SaveState {
    if (isPending) return { kind: 'saving' };
    if (!dirty) return { kind: 'saved', at: base.at };
    if (blocked) return { kind: 'blocked' };
    return refused?.draft === draft ? { kind: 'refused', error: refused.error } : { kind: 'waiting' };
  }
  return {
    draft,
    save: saveState(),
    settled: !dirty && !isPending,
    change: setDraft,
    retry: () => setRefused(null),
    reload: () => {
      adopt();
      void queries.invalidateQueries(trpc.profile.get.pathFilter());
    },
  };
}

/** Keeps the newest of a function that is called later than it was made. */
function useNewest(act: () => void): RefObject<() => void> {
  const newest = useRef(act);
  useEffect(() => {
    newest.current = act;
  });
  return newest;
}

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

/** Has the browser ask before the tab is closed with something unsaved. */
function useUnloadWarning(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [unsaved]);
}
