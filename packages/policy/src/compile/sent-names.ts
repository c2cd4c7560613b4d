import type { JsonObject } from '../documents/json.ts';
import type { RestOperation } from '../documents/rest-operation.ts';
import { listDeclaredNames } from './declared-names.ts';
import { type NameClash, NameLedger, type SentMember } from './name-ledger.ts';

/** A member of an argument that is not sent, and why. */
export interface ClashingMember extends SentMember {
  clash: NameClash;
}

/** The members of an argument that are looked at. `isExact`: they are keys of a JSON body, where also null is sent. */
type ListMembers = (argument: string, isExact: boolean) => readonly string[];

/**
 * The one rule of names: each is sent once and by one argument, whatever a server may read as it. Lists the members of arguments that break
 * it, in the order in which they are sent: those that a call has, or, where a description is read, all that it declares.
 */
export function findClashingMembers(
  operation: RestOperation,
  inputSchema: JsonObject,
  listMembers: ListMembers,
): ClashingMember[] {
  const ledger = new NameLedger(listDeclaredNames(operation, inputSchema));
  const check = (sent: SentMember, isExact: boolean): ClashingMember[] => {
    // among themselves they are what they are: names of a JSON object are exact, and may be data
    if (isExact && sent.name === '') return [];
    const clash = isExact ? ledger.findClash(sent) : ledger.take(sent);
    return clash ? [{ ...sent, clash }] : [];
  };
  const queried = operation.parameters.flatMap((parameter) => {
    if (parameter.in !== 'query' || (parameter.style === 'form' && !parameter.explode)) return [];
    const { argument, name, style } = parameter;
    return listMembers(argument, false).flatMap((member) =>
      check({ place: 'query', argument, member, name: style === 'deepObject' ? `${name}[${member}]` : member }, false),
    );
  });
  const { body } = operation;
  if (!body || body.kind === 'text') return queried;
  const isExact = body.kind === 'json';
  const inBody = listMembers(body.argument, isExact).flatMap((member) =>
    check({ place: 'body', argument: body.argument, member, name: member }, isExact),
  );
  return [...queried, ...inBody];
}
