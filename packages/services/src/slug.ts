import { Slug } from '@gatehouse/policy/documents/definition';
import { slugOf } from '@gatehouse/policy/documents/slug';

import { ServiceError } from './errors.ts';

/** A slug made from a name: "Order Desk (EU)" gives "order-desk-eu". Throws `invalid` when nothing usable is left. */
export function slugFrom(name: string): string {
  const slug = Slug.safeParse(slugOf(name));
  if (slug.success) return slug.data;
  throw new ServiceError(
    'invalid',
    'No short name can be made from this name. Give one: lower-case letters, digits and hyphens.',
  );
}
