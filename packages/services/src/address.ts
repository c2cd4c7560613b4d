import { z } from 'zod';

import { Slug } from '@gatehouse/policy/documents/definition';

/** An id out of the address of a page, where anything may stand: what is no id finds nothing, like the id of nothing. */
export const AddressId = z.uuid().catch('00000000-0000-0000-0000-000000000000');
/** The same for a slug. */
export const AddressSlug = Slug.catch('-');
