import type { JsonObject } from '../documents/json.ts';
import { hasNamedMembers, isSpread, type RestOperation } from '../documents/rest-operation.ts';
import { listDeclaredNames } from './declared-names.ts';
import { type NameClash, NameLedger, type SentMember } from './name-ledger.ts';

/** A member of an argument that is not sent, and why. */
export interface ClashingMember extends SentMember {
  clash: NameClash;
}

/**
 * The members of an argument that are looked at, each as the keys that lead to it. `exact`: they are keys of a JSON body, where also null is
 * sent; `deep`: those inside of the member `inside` (of the argument, when that is undefined) are sent too, down to what holds no others.
 */
export type ListMembers = (argument: string, form: 'exact' | 'flat' | 'deep', inside?: string) => readonly (readonly string[])[];

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
    const isDeep = parameter.in === 'query' && parameter.style === 'deepObject' && parameter.content === undefined;
    if (!isDeep && !isSpread(parameter)) return [];
    const { argument, name } = parameter;
    return listMembers(argument, isDeep ? 'deep' : 'flat').flatMap((path) => {
      const [member = ''] = path;
      return check({ place: 'query', argument, member, name: isDeep ? writeDeepName(name, path) : member }, false);
    });
  });
  const { body } = operation;
  if (!body || !hasNamedMembers(body)) return queried;
  const { argument } = body;
  const isExact = body.kind === 'json';
  const deep = new Set(
    body.fields?.flatMap((field) => (field.kind === 'styled' && field.style === 'deepObject' ? [field.name] : [])),
  );
  const inBody = listMembers(argument, isExact ? 'exact' : 'flat').flatMap(([member = '']) => {
    const paths = deep.has(member) ? listMembers(argument, 'deep', member) : [[]];
    return paths.flatMap((path) => check({ place: 'body', argument, member, name: writeDeepName(member, path) }, isExact));
  });
  return [...queried, ...inBody];
}

/** `filter[status][from]` */
export function writeDeepName(name: string, path: readonly string[]): string {
  return [name, ...path.map((key) => `[${key}]`)].join('');
}
