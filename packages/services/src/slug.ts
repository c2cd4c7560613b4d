import { Slug } from '@gatehouse/policy/documents/definition';
import { toSlug } from '@gatehouse/policy/names/slug';

import { ServiceError } from './errors.ts';

/** Pages of the console stand at these places: `/servers/new`. */
const PAGES = new Set(['new']);

/** A slug that something new gets. */
export const NewSlug = Slug.refine((slug) => !PAGES.has(slug), 'The console has a page of this name. Choose another.');

/** What a workspace might be taken for: the console's own addresses, its operator, the product. */
const OFFICIAL = new Set(
  'admin administrator agent account api app auth console gatehouse healthz help hub invitation login logout metrics operator readyz reset root security signin signup status support system t version worker www'.split(
    ' ',
  ),
);

/** The slug of a new workspace: part of its address, and what people name when they sign in. */
export const NewWorkspaceSlug = NewSlug.refine(
  (slug) => !OFFICIAL.has(slug) && !slug.startsWith('xn--'),
  'This would be taken for the console itself. Choose another.',
);

/** A slug made from a name: "Order Desk (EU)" gives "order-desk-eu". Throws `invalid` when nothing usable is left. */
export function createSlug(name: string): string {
  const slug = NewSlug.safeParse(toSlug(name));
  if (slug.success) return slug.data;
  throw new ServiceError('invalid', 'No slug can be made from this name. Enter one: lower-case letters, digits and hyphens.', {
    field: 'slug',
  });
}

/** What is known of a thing that a new one must be told from. */
interface Named {
  slug: string;
  name: string;
}

/**
 * A free slug for something that nobody chose one for: made from its name, from its kind where nothing of the name is usable (`注文`), and numbered
 * where another has it. `others` gives those of the kind that have this name or a slug that starts so. Throws `conflict` at the field `name` when
 * one has this very name.
 */
export async function chooseSlug(
  name: string,
  kind: 'server' | 'site',
  others: (start: string) => Promise<readonly Named[]>,
): Promise<string> {
  const made = NewSlug.safeParse(toSlug(name));
  const base = made.success ? made.data : kind;
  const start = base.slice(0, LONGEST_SLUG - NUMBER_ROOM);
  const known = await others(start);
  if (known.some((other) => other.name === name)) throw createNameTakenError(name, kind);
  const taken = new Set(known.map(({ slug }) => slug));
  for (let number = 1, slug = base; ; number += 1, slug = `${start.replace(/-$/, '')}-${number}`)
    if (!taken.has(slug)) return slug;
}

const LONGEST_SLUG = 40;
/** `-9999` */
const NUMBER_ROOM = 5;

/** A `conflict` at the field `name`: another thing of the same kind is called so already. */
export function createNameTakenError(name: string, kind: 'server' | 'site'): ServiceError {
  return new ServiceError('conflict', `There is a ${kind} named "${name}" already. Choose another name.`, { field: 'name' });
}

/** A `conflict` at the field `slug`: another thing of the same kind has it already. */
export function createSlugTakenError(slug: string): ServiceError {
  return new ServiceError('conflict', `The slug "${slug}" is taken. Choose another.`, { field: 'slug' });
}
