import { Slug } from '@gatehouse/policy/documents/definition';
import { toSlug } from '@gatehouse/policy/documents/slug';

import { ServiceError } from './errors.ts';

/** A slug made from a name: "Order Desk (EU)" gives "order-desk-eu". Throws `invalid` when nothing usable is left. */
export function createSlug(name: string): string {
  const slug = Slug.safeParse(toSlug(name));
  if (slug.success) return slug.data;
  throw new ServiceError('invalid', 'No slug can be made from this name. Enter one: lower-case letters, digits and hyphens.', {
    field: 'slug',
  });
}

/** A `conflict` at the field `slug`: another thing of the same kind has it already. */
export function createSlugTakenError(slug: string): ServiceError {
  return new ServiceError('conflict', `The slug "${slug}" is taken. Choose another.`, { field: 'slug' });
}
