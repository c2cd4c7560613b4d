import { z } from 'zod';

/** An e-mail address in the form that is stored and compared: trimmed, lower case. */
export const Email = z.string().trim().toLowerCase().pipe(z.email().max(254));
