import { z } from 'zod';

/** What an editor started from: a refresh of the page behind the form does not move it. */
export interface Seen<In> {
  /** `revision` of the row; the verb is told it */
  revision: number;
  values: In;
}

/** Fields of a form that are one thing to a person, and how they read. */
export interface VersionGroup<In> {
  label: string;
  names: readonly (keyof In & string)[];
  /** the words for these values; empty: nothing is entered */
  show: (values: In) => string;
}

/** How one thing stands in three versions. */
export interface Version<In> {
  group: VersionGroup<In>;
  mine: string;
  theirs: string;
  /** who changed it since it was seen: of both, a person has to choose */
  changedBy: 'both' | 'me' | 'them';
}

/** What differs between what is entered and what is stored now, in the order of the groups. What both changed alike differs no more. */
export function compareVersions<In>(
  groups: readonly VersionGroup<In>[],
  { seen, mine, theirs }: { seen: In; mine: In; theirs: In },
): Version<In>[] {
  return groups.flatMap((group): Version<In>[] => {
    const [before, here, there] = [seen, mine, theirs].map((values) => JSON.stringify(group.names.map((name) => values[name])));
    if (here === there) return [];
    const changedBy = here === before ? 'them' : there === before ? 'me' : 'both';
    return [{ group, mine: group.show(mine), theirs: group.show(theirs), changedBy }];
  });
}

/** `mine`, with these things as they are in `theirs`. */
export function takeVersions<In extends object>(mine: In, theirs: In, taken: readonly VersionGroup<In>[]): In {
  const merged = { ...mine };
  for (const name of taken.flatMap(({ names }) => names)) merged[name] = theirs[name];
  return merged;
}

const EditConflict = z.object({
  revision: z.int(),
  changedBy: z.object({ name: z.string() }).nullable(),
  changedAt: z.date().nullable(),
  present: z.unknown(),
});
export type EditConflict = z.infer<typeof EditConflict>;

const Refused = z.object({ data: z.object({ editConflict: EditConflict }) });

/** What an error of the API carries when somebody else was first; null for every other one. */
export function readEditConflict(error: unknown): EditConflict | null {
  return Refused.safeParse(error).data?.data.editConflict ?? null;
}
