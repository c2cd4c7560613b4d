'use client';

import type { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { draftOf, type StaffDraft } from './draft.ts';

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
  const [base, setBase] = useState(() => ({ draft: draftOf(stored), at: stored.updatedAt }));
  const [draft, setDraft] = useState(base.draft);
  const [refused, setRefused] = useState<{ draft: ProfileDraft; error: unknown } | null>(null);
  const { mutate, mutateAsync, isPending } = useMutation(trpc.profile.saveDraft.mutationOptions());
  const dirty = draft !== base.draft;

  function adopt(): void {
    const next = { draft: draftOf(stored), at: stored.updatedAt };
    setBase(next);
    setDraft(next.draft);
    setRefused(null);
  }
  if (!dirty && !isPending && stored.updatedAt > base.at) adopt();

  const blocked = dirty && !isSavable(draft);
  const open = dirty && !blocked && refused?.draft !== draft;
  const attempt = open && !isPending;
  const sending = useRef<Promise<Date | null>>(Promise.resolve(null));
  useEffect(() => {
    if (!attempt) return;
    const timer = setTimeout(() => {
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
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [attempt, draft, base.at, profileId, mutateAsync]);

  // Leaving for another page of the console does not wait for the pause, only for a save that is on its way.
  const unsaved = useRef<{ draft: ProfileDraft; at: Date } | null>(null);
  useEffect(() => {
    unsaved.current = open ? { draft, at: base.at } : null;
  }, [open, draft, base.at]);
  useEffect(
    () => () => {
      const last = unsaved.current;
      if (!last) return;
      void sending.current.then((at) => mutate({ profileId, draft: last.draft, basedOn: at && at > last.at ? at : last.at }));
    },
    [profileId, mutate],
  );

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);

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

  function saveState(): SaveState {
    if (isPending) return { kind: 'saving' };
    if (!dirty) return { kind: 'saved', at: base.at };
    if (blocked) return { kind: 'blocked' };
    return refused?.draft === draft ? { kind: 'refused', error: refused.error } : { kind: 'waiting' };
  }
}
