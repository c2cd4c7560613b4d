import { listDeclaredMembers } from '@gatehouse/policy/compile/declared-names';
import { type ClashingMember, findClashingMembers } from '@gatehouse/policy/compile/sent-names';
import { createReferenceResolver, findObject } from '@gatehouse/policy/curation/schema-reference';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { RestOperation } from '@gatehouse/policy/documents/rest-operation';

import { readList, readText, showName, Unmappable } from './document.ts';

/** Sentences for one operation: a description may declare thousands of members. */
const MOST = 10;
const MAX_HOPS = 16;

/**
 * What the agent refuses of every call, because another parameter or member has its name to some server: the rule is the agent's own, put to
 * all that is declared. Returns sentences; throws Unmappable when no call could leave such a member out.
 */
export function listNameWarnings(operation: RestOperation, inputSchema: JsonObject): string[] {
  const clashing = findClashingMembers(operation, inputSchema, (argument, _form, inside) =>
    inside === undefined ? listDeclaredMembers(inputSchema, argument).map((member) => [member]) : [[]],
  );
  const listRequired = createRequiredLister(inputSchema);
  const isRequired = (argument: string, member: string | null): boolean =>
    listRequired(null).includes(argument) && (member === null || listRequired(argument).includes(member));
  const lost = clashing.find(
    ({ argument, member, clash }) =>
      isRequired(argument, member) && (clash.kind !== 'sent' || isRequired(clash.other.argument, clash.other.member)),
  );
  if (lost)
    throw new Unmappable(`${nameMember(operation, lost)} is required and can never be sent, because ${explain(operation, lost)}`);
  const sentences = clashing.slice(0, MOST).map((each) => describeRefusal(operation, each));
  const more = clashing.length - sentences.length;
  return more > 0 ? [...sentences, `${more.toLocaleString('en')} more of its members are refused for such a reason.`] : sentences;
}

function describeRefusal(operation: RestOperation, member: ClashingMember): string {
  const { clash } = member;
  const what = `A call that fills ${nameMember(operation, member)}`;
  return clash.kind === 'sent'
    ? `${what} and ${nameMember(operation, clash.other)} is refused, because some servers take both for one.`
    : `${what} is refused, because ${explain(operation, member)}.`;
}

/** Why, in words to put after "because". */
function explain(operation: RestOperation, { clash }: ClashingMember): string {
  switch (clash.kind) {
    case 'fault':
      return `this member ${clash.fault}`;
    case 'method':
      return 'some servers take it for the method of the request';
    case 'declared':
    case 'sent':
      return `some servers take it for ${nameMember(operation, clash.other)}`;
  }
}

/** "status" of its query parameter "filter"; a parameter itself without a member. */
function nameMember(operation: RestOperation, { argument, member }: { argument: string; member: string | null }): string {
  const parameter = operation.parameters.find((each) => each.argument === argument);
  const whole = parameter ? `its ${parameter.in} parameter "${showName(parameter.name)}"` : 'its body';
  return member === null ? whole : `"${showName(member)}" of ${whole}`;
}

/** Lists what an argument requires of its members; null: the arguments that are required. */
function createRequiredLister(inputSchema: JsonObject): (argument: string | null) => unknown[] {
  const resolve = createReferenceResolver(inputSchema);
  return (argument) => {
    let schema: unknown = argument === null ? inputSchema : findObject(inputSchema['properties'], argument);
    for (let hop = 0; hop < MAX_HOPS && isJsonObject(schema); hop += 1) {
      const reference = readText(schema, '$ref');
      if (reference === undefined) return readList(schema, 'required');
      schema = resolve(reference);
    }
    return [];
  };
}
