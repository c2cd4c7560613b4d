import type { Receipt } from '@gatehouse/protocol/receipt';
import type { RecordedArguments, RecordedResult } from '@gatehouse/redaction/recorded';

import { isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';

/** The fields whose logged values a reader is not given, by their pointers. */
export interface WithheldValues {
  arguments: string[];
  result: string[];
}

type Recorded = Pick<Receipt, 'arguments' | 'result' | 'personId'>;

/** Whose call it is says whether its values are the reader's own: what somebody typed is no secret to that person, and reading it no event. */
export function isOwnCall({ actor }: Pick<ServiceContext, 'actor'>, personId: string | null): boolean {
  return personId !== null && personId === getActorId(actor);
}

/** Whether the actor may be given what the arguments and the result of this call say. */
export function maySeeValues({ actor }: Pick<ServiceContext, 'actor'>, personId: string | null): boolean {
  return isPermitted(actor, 'receipt.values') || isOwnCall({ actor }, personId);
}

/** Whether there is any value in it at all, and so something to read. */
export function hasValues({ arguments: given, result }: Pick<Receipt, 'arguments' | 'result'>): boolean {
  return (given?.logged.length ?? 0) + (result?.logged.length ?? 0) > 0;
}

/** The document as this reader is given it: whole, or without its logged values and with their pointers beside it. */
export function hideValues<R extends Recorded>(
  ctx: Pick<ServiceContext, 'actor'>,
  document: R,
): { document: R; withheld: WithheldValues | null } {
  if (maySeeValues(ctx, document.personId) || !hasValues(document)) return { document, withheld: null };
  const { arguments: given, result } = document;
  return {
    document: { ...document, arguments: given && withoutValues(given), result: result && withoutValues(result) },
    withheld: { arguments: listPointers(given), result: listPointers(result) },
  };
}

function withoutValues<T extends RecordedArguments | RecordedResult>(recorded: T): T {
  return { ...recorded, logged: [] };
}

function listPointers(recorded: RecordedArguments | RecordedResult | null): string[] {
  return recorded?.logged.map(({ pointer }) => pointer) ?? [];
}
