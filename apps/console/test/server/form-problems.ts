import type { z } from 'zod';

/** The first problem of each field, as a form shows it. */
export function listFormProblems<In>(schema: z.ZodType<unknown, In>, form: In): Record<string, string> {
  const { error } = schema.safeParse(form);
  return Object.fromEntries((error?.issues ?? []).toReversed().map(({ path, message }) => [path.join('.'), message]));
}
