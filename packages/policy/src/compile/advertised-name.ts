import { ToolName } from '../documents/definition.ts';
import { MAX_PLAIN_NAME } from '../names/plain-name.ts';

/** Longest name of a tool or prompt that AI clients are shown: several of them refuse longer ones. */
export const MAX_ADVERTISED_NAME = MAX_PLAIN_NAME;

/** Why AI clients cannot be shown a tool or prompt under this name; null when they can. Some may still refuse it: `client-rules.ts` says which. */
export function findAdvertisedNameProblem(name: string): 'name_too_long' | 'name_invalid' | null {
  if (name.length > MAX_ADVERTISED_NAME) return 'name_too_long';
  return ToolName.safeParse(name).success ? null : 'name_invalid';
}
