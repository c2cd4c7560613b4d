import type { Risk, ToolDefinition } from '../documents/definition.ts';
import { getDeclaredRisk, isLowered } from '../documents/risk.ts';

type Annotations = NonNullable<ToolDefinition['annotations']>;

/** A risk in the words by which clients ask before a call, or do not. */
const DECIDED: Record<Risk, Annotations> = {
  read: { readOnlyHint: true, destructiveHint: false },
  write: { readOnlyHint: false, destructiveHint: false },
  open_world: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
  destructive: { readOnlyHint: false, destructiveHint: true },
};

/**
 * The definition with hints that say what people decided. Where they agree with its server it is served as it came. Of a server that was
 * overruled nothing is passed on that makes its tool look harmless.
 */
export function withServedHints(definition: ToolDefinition, risk: Risk): ToolDefinition {
  const declared = getDeclaredRisk(definition).risk;
  if (declared === risk) return definition;
  const { idempotentHint, openWorldHint, ...said } = definition.annotations ?? {};
  const isOverruled = isLowered(risk, declared);
  const isPassedOn = (hint: boolean | undefined, harmless: boolean) => hint !== undefined && !(isOverruled && hint === harmless);
  return {
    ...definition,
    annotations: {
      ...said,
      ...(isPassedOn(idempotentHint, true) && { idempotentHint }),
      ...(isPassedOn(openWorldHint, false) && { openWorldHint }),
      ...DECIDED[risk],
    },
  };
}
