import { z } from 'zod';

/** A password that somebody chooses, as the server wants it. */
export const NewPassword = z.string().min(12, 'Use at least 12 characters.').max(200, 'Use 200 characters at most.');
