import { putAside } from '@gatehouse/policy/curation/set-aside';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { type DraftEntry, getAdvertisedName, ProfileDraft, ProfileSettings } from '@gatehouse/policy/documents/profile';

import { writeVisible } from '../../../ui/text/visible-text.ts';

/** What two people set otherwise from one start, and who means what. */
export interface DraftConflict {
  /** of an entry `toServerEntryKey`, else the name of the setting */
  key: string;
  /** as the screen calls it */
  label: string;
  /** null: this one took it out */
  mine: string | null;
  theirs: string | null;
}

export interface MergedDraft {
  /** what only one of them changed as that one has it, what both did as they have it there */
  draft: ProfileDraft;
  conflicts: DraftConflict[];
}

type Part = DraftEntry | string | undefined;

/** Same content, whatever the order of keys: every document here is made by the same schema. */
const isSame = (a: Part, b: Part): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * One draft of two that were made of one: entry by entry and setting by setting. `taken`: keys of conflicts for which the version here stands instead of
 * theirs.
 */
export function mergeDrafts(
  { base, mine, theirs }: { base: ProfileDraft; mine: ProfileDraft; theirs: ProfileDraft },
  taken: ReadonlySet<string> = new Set(),
): MergedDraft {
  const conflicts: DraftConflict[] = [];
  const choose = <P extends Part>(key: string, label: string, before: P, here: P, there: P): P => {
    if (isSame(here, there) || isSame(here, before)) return there;
    if (isSame(there, before)) return here;
    conflicts.push({ key, label, mine: describePart(here), theirs: describePart(there) });
    return taken.has(key) ? here : there;
  };
  const [before, here, there] = [base, mine, theirs].map(byKey);
  const keys = [...new Set([...(there?.keys() ?? []), ...(here?.keys() ?? [])])];
  const entries = keys.flatMap((key) => {
    const parts = [before?.get(key), here?.get(key), there?.get(key)] as const;
    const [named] = [parts[2], parts[1], parts[0]].filter((part) => part !== undefined);
    return choose(key, named ? writeVisible(named.name) : key, ...parts) ?? [];
  });
  const settings = SETTINGS.map((key) => [key, choose(key, LABEL[key], base[key], mine[key], theirs[key])] as const);
  const setAside = putAside(entries, mine.entries, mine.setAside, theirs.entries, theirs.setAside);
  return { draft: ProfileDraft.parse({ ...Object.fromEntries(settings), entries, setAside }), conflicts };
}

const SETTINGS = ProfileSettings.keyof().options;
const LABEL: Record<(typeof SETTINGS)[number], string> = {
  audit: 'Receipts of read calls',
  hiddenText: 'Hidden text in answers',
  argumentForms: 'Arguments in another form',
  undeclaredArguments: 'Arguments that a tool does not name',
};

function byKey({ entries }: ProfileDraft): ReadonlyMap<string, DraftEntry> {
  return new Map(entries.map((entry) => [toServerEntryKey(entry), entry]));
}

/** What tells two choices for one entry apart; null: it is not selected. */
function describePart(part: Part): string | null {
  if (part === undefined || typeof part === 'string') return part?.replaceAll('_', ' ') ?? null;
  const words = [`shown as ${writeVisible(getAdvertisedName(part))}`];
  if (part.kind !== 'tool') return words.join(', ');
  if (part.rule === 'deny') words.push('denied');
  if (part.describe !== null) words.push(`described as “${writeVisible(part.describe.slice(0, 80))}”`);
  if (part.arguments.length > 0) words.push(`${part.arguments.length} argument rules`);
  return words.join(', ');
}
