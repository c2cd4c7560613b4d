import * as z from 'zod';

import type { MarkedFields } from '@gatehouse/redaction/marked-fields';
import { LoggedField } from '@gatehouse/redaction/recorded';

/** What the thread is told: every secret, before anything that could hold one; or what to redact. */
export type ThreadOrder = { secrets: readonly string[] } | { id: number; marked: readonly MarkedFields[] };

/** What the thread says. */
export const ThreadAnswer = z.object({ id: z.int(), logged: z.array(z.array(LoggedField)) });
export type ThreadAnswer = z.infer<typeof ThreadAnswer>;
