import { type EntryRef, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import {
  type HiddenTextFinding,
  listHiddenText,
  listSuspectPhrases,
  type PhraseFinding,
} from '@gatehouse/policy/findings/definition-findings';
import type { ForeignName } from '@gatehouse/policy/findings/foreign-names';
import { listLookAlikes } from '@gatehouse/policy/findings/look-alike-names';
import { listPrivatePassages, type PrivatePassage } from '@gatehouse/redaction/private-passages';

/** What was found in one entry: any of it has to be looked at before an approval. */
export interface EntryFindings {
  /** what a reader of the definition would not see */
  hiddenText: HiddenTextFinding[];
  /** where a secret or personal data seems to stand in the definition */
  privatePassages: PrivatePassage[];
  /** what gives orders to a model, or reaches for what lies on the machine */
  phrases: PhraseFinding[];
  /** names of other entries of its kind that a person takes for this one: offered now, or decided on before */
  lookAlikes: string[];
  /** where it names a tool of another server, and so may say what is done with that */
  foreignNames: ForeignName[];
}

/** Only these are told apart by their names; a resource has an address. */
const NAMED: ReadonlySet<EntryRef['kind']> = new Set(['tool', 'prompt']);

/** By `toEntryKey`, what there is to look at in everything that a revision offers. `known`: what was decided on before, whatever is offered now. */
export function findInEntries(
  entries: readonly (EntryRef & { definition: unknown })[],
  known: readonly EntryRef[],
  foreignNames: ReadonlyMap<string, ForeignName[]>,
): ReadonlyMap<string, EntryFindings> {
  const names = Map.groupBy([...entries, ...known], ({ kind }) => kind);
  const alike = new Map([...NAMED].map((kind) => [kind, listLookAlikes((names.get(kind) ?? []).map(({ name }) => name))]));
  return new Map(
    entries.map((entry) => [
      toEntryKey(entry),
      {
        hiddenText: listHiddenText(entry.definition),
        privatePassages: listPrivatePassages(entry.definition),
        phrases: listSuspectPhrases(entry.definition),
        lookAlikes: [...(alike.get(entry.kind)?.get(entry.name) ?? [])],
        foreignNames: foreignNames.get(toEntryKey(entry)) ?? [],
      },
    ]),
  );
}

/** How a refusal begins that names entries in which something was found. */
export const FOUND_WORDS: readonly { what: keyof EntryFindings; words: string }[] = [
  { what: 'hiddenText', words: 'There is hidden text in' },
  { what: 'privatePassages', words: 'A secret or personal data seems to stand in' },
  { what: 'phrases', words: 'There are orders to a model, or words on what lies on the machine, in' },
  { what: 'lookAlikes', words: 'There is another name that looks like' },
  { what: 'foreignNames', words: 'A tool of another server is named in' },
];
