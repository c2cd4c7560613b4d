import { findObject } from '../curation/schema-reference.ts';
import type { JsonObject } from '../documents/json.ts';
import { hasNamedMembers, isSpread, type RestOperation, type RestParameter } from '../documents/rest-operation.ts';
import { foldName } from '../names/parameter-name.ts';
import { withPlainReferences } from '../schema/plain-references.ts';
import { readDeclaredArguments } from './declared-arguments.ts';

/** A name that an operation declares at a place of its request, and the argument that is sent under it. */
export interface DeclaredName {
  place: RestParameter['in'] | 'body';
  name: string;
  argument: string;
  /** the member of the argument that has this name; null: the argument itself */
  member: string | null;
}

/**
 * The names that servers find values under, at every place of an operation's request: those of its parameters, and of the declared members of
 * objects that are sent under their own names. Such a member is none where a parameter of the same place has its name.
 */
export function listDeclaredNames({ parameters, body }: RestOperation, inputSchema: JsonObject): DeclaredName[] {
  const own = parameters.map(({ in: place, name, argument }) => ({ place, name, argument, member: null }));
  const queried = new Set(own.filter(({ place }) => place === 'query').map(({ name }) => foldName(name)));
  const spread = parameters.filter(isSpread);
  const listMembers = (place: DeclaredName['place'], argument: string): DeclaredName[] =>
    listDeclaredMembers(inputSchema, argument).map((name) => ({ place, name, argument, member: name }));
  return [
    ...own,
    ...spread.flatMap(({ argument }) => listMembers('query', argument).filter(({ name }) => !queried.has(foldName(name)))),
    ...(body && hasNamedMembers(body) ? listMembers('body', body.argument) : []),
  ];
}

/** The members that the schema of an argument declares, alternatives included. */
export function listDeclaredMembers(inputSchema: JsonObject, argument: string): string[] {
  const plain = withPlainReferences(inputSchema);
  const schema = findObject(plain['properties'], argument);
  return schema ? [...readDeclaredArguments(plain, schema).names] : [];
}
