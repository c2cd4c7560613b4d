import type { Risk, ToolDefinition } from '../documents/definition.ts';
import { isJsonObject } from '../documents/json.ts';
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
 * The definition with hints that say what people decided. Of a server that was overruled nothing is passed on that makes its tool look
 * harmless. That a tool runs as a task is left out, since the agent relays none.
 */
export function withServedHints({ annotations, execution, ...rest }: ToolDefinition, risk: Risk): ToolDefinition {
  const { idempotentHint, openWorldHint, ...said } = annotations ?? {};
  const isOverruled = isLowered(risk, getDeclaredRisk({ ...rest, annotations }).risk);
  const isPassedOn = (hint: boolean | undefined, harmless: boolean) => hint !== undefined && !(isOverruled && hint === harmless);
  return {
    ...rest,
    ...withoutTasks(execution),
    annotations: {
      ...said,
      ...(isPassedOn(idempotentHint, true) && { idempotentHint }),
      ...(isPassedOn(openWorldHint, false) && { openWorldHint }),
      ...DECIDED[risk],
    },
  };
}

function withoutTasks(execution: unknown): { execution?: unknown } {
  if (!isJsonObject(execution)) return {};
  const { taskSupport: _taskSupport, ...others } = execution;
  return Object.keys(others).length === 0 ? {} : { execution: others };
}
