import * as z from 'zod';

/** Names a challenge or a push, so that an answer belongs to one of them. */
export const Nonce = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);
