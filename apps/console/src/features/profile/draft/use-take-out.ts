import { type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { useToast } from '../../../ui/overlay/toast.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { writeVisible } from '../../../ui/text/visible-text.ts';
import { withEntries } from './draft.ts';
import type { DraftEditor } from './use-draft.ts';
import { useNewest } from './use-newest.ts';

/** Takes entries out of the draft, and offers to take that back: what was chosen for each is remembered, now and when it is selected again. */
export function useTakeOut({ draft, change }: Pick<DraftEditor, 'draft' | 'change'>): (refs: readonly ServerEntryRef[]) => void {
  const toast = useToast();
  // read when something is taken out, so that a change of the draft makes no row of a list again that could do that
  const newest = useNewest(draft);
  return (refs) => {
    const named = new Set(refs.map(toServerEntryKey));
    const gone = newest.current.entries.filter((entry) => named.has(toServerEntryKey(entry)));
    const [first] = gone;
    if (!first) return;
    change((before) => withEntries(before, gone, false));
    toast({
      title:
        gone.length === 1
          ? `${writeVisible(first.name)} is taken out`
          : `${describeCount(gone.length, 'entry', 'entries')} are taken out`,
      undo: () => change((before) => withEntries(before, gone, true)),
    });
  };
}
