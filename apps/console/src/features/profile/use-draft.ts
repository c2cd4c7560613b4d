'use client';

import type { ProfileDraft } from '@gatehouse/policy/profile';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { draftOf, type StaffDraft } from './draft.ts';

/** Pause after the last change before it is saved, milliseconds. */
const PAUSE_MS = 600;

export type SaveState = { kind: 'saved'; at: Date } | { kind: 'saving' } | { kind: 'waiting' } | { kind: 'refused'; error: unknown };

export interface DraftEditor {
  draft: ProfileDraft;
  save: SaveState;
  /** every change has reached the server */
  settled: boolean;
  change: (next: (draft: ProfileDraft) => ProfileDraft) => void;
  /** drops the local changes for what the server holds now */
  reload: () => void;
}

/**
 * The draft while it is edited. Saves itself after a short pause; a refused save keeps what was done on the screen and is tried again with
 * the next change. `stored` is what the server holds; somebody else's change is taken over as long as nothing is unsaved here.
 */
export function useDraft(profileId: string, stored: StaffDraft): DraftEditor {
  const trpc = useTRPC();
  const [base, setBase] = useState(() => ({ draft: draftOf(stored), at: stored.updatedAt }));
  const [draft, setDraft] = useState(base.draft);
  const [refused, setRefused] = useState<{ draft: ProfileDraft; error: unknown } | null>(null);
  const { mutate, isPending } = useMutation(trpc.profile.saveDraft.mutationOptions());
  const dirty = draft !== base.draft;

  function adopt(): void {
    const next = { draft: draftOf(stored), at: stored.updatedAt };
    setBase(next);
    setDraft(next.draft);
    setRefused(null);
  }
  if (!dirty && !isPending && stored.updatedAt > base.at) adopt();

  const attempt = dirty && !isPending && refused?.draft !== draft;
  useEffect(() => {
    if (!attempt) return;
    const timer = setTimeout(() => {
      mutate(
        { profileId, draft, basedOn: base.at },
        {
          onSuccess: ({ draftUpdatedAt }) => {
            setBase({ draft, at: draftUpdatedAt });
            setRefused(null);
          },
          onError: (error) => setRefused({ draft, error }),
        },
      );
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [attempt, draft, base.at, profileId, mutate]);

  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);

  return { draft, save: saveState(), settled: !dirty && !isPending, change: setDraft, reload: adopt };

  function saveState(): SaveState {
    if (isPending) return { kind: 'saving' };
    if (!dirty) return { kind: 'saved', at: base.at };
    return refused?.draft === draft ? { kind: 'refused', error: refused.error } : { kind: 'waiting' };
  }
}
