import { useMemo, useState } from 'react';

import { getSelectedEntries, type KnownEntries, type KnownEntry, type StaffDraft, toKnownRow } from './draft.ts';

/**
 * What is known of entries: of what the stored draft selects as the server tells it, and of the others, which are not saved yet or were taken out since, as they
 * were met on this page.
 */
export function useKnown(stored: StaffDraft): { known: KnownEntries; addMet: (entries: readonly KnownEntry[]) => void } {
  const [met, setMet] = useState<KnownEntries>(new Map());
  const selected = useMemo(() => new Map(getSelectedEntries(stored).map(toKnownRow)), [stored]);
  const known = useMemo(() => new Map([...met, ...selected]), [met, selected]);
  return { known, addMet: (entries) => setMet((before) => new Map([...before, ...entries.map(toKnownRow)])) };
}
