import { setImmediate } from 'node:timers/promises';

import { pinOf } from '@gatehouse/policy/documents/canonical';
import { checkDefinition } from '@gatehouse/policy/limits/definition-limits';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';

import { isStorable } from '../storable.ts';

export interface PinnedTool {
  name: string;
  pin: string;
  definition: ToolDefinition;
}

export interface RefusedTool {
  name: string;
  problem: string;
}

/**
 * Pins what a server offers. A definition outside the bounds is refused with the reason; so is every tool of a name that is offered more
 * than once, because nobody could say which of them a call would reach. Lets others run between two definitions: each may take some time.
 */
export async function sortTools(raw: readonly { name: string }[]): Promise<{ accepted: PinnedTool[]; refused: RefusedTool[] }> {
  const offers = Map.groupBy(raw, ({ name }) => name);
  const accepted: PinnedTool[] = [];
  const refused: RefusedTool[] = [];
  for (const [name, [tool, ...others]] of offers) {
    await setImmediate();
    const checked = checkDefinition(tool);
    if (others.length > 0) refused.push({ name, problem: `the server offers ${others.length + 1} tools of this name` });
    else if (!checked.ok) refused.push({ name, problem: checked.problem });
    else if (!isStorable(checked.definition)) refused.push({ name, problem: 'it holds characters that are not text' });
    else accepted.push({ name, pin: pinOf(checked.definition), definition: checked.definition });
  }
  return { accepted, refused };
}
