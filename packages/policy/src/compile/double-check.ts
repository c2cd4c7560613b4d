import { hasKeyAt, parsePointer } from '../curation/argument-path.ts';
import type { ArgumentRule } from '../documents/profile.ts';
import type { RestBody } from '../documents/rest-operation.ts';
import { isRival } from '../names/parameter-name.ts';
import type { DeclaredName } from './declared-names.ts';
import type { InputCheck } from './input-check.ts';

/**
 * Refuses what a request would hold a second time beside a pinned, hidden or restricted argument: which of the two a server goes by nobody can
 * say. An argument with a rule of its own is no such second one. `bodyKind`: how the body of the operation is sent.
 */
export function compileDoubleCheck(
  declared: readonly DeclaredName[],
  rules: readonly ArgumentRule[],
  bodyKind: RestBody['kind'] | undefined,
): InputCheck {
  const ruled = new Set(rules.flatMap((rule) => findRuled(declared, parsePointer(rule.argument))));
  // where names are exact, two at one place are two
  const isLooseBody = bodyKind === 'form' || bodyKind === 'multipart';
  const isLoose = (place: DeclaredName['place']): boolean => place === 'query' || (place === 'body' && isLooseBody);
  const isDouble = (each: DeclaredName, other: DeclaredName): boolean =>
    (other.place !== each.place || isLoose(each.place)) && !holdsMember(each, other) && isRival(other.name, each.name);
  const doubles = declared
    .filter((each) => !ruled.has(each) && [...ruled].some((other) => isDouble(each, other)))
    .map(({ argument, member }) => (member === null ? [argument] : [argument, member]));
  return (args) => {
    const sent = doubles.find((path) => hasKeyAt(args, path));
    return sent ? `"${sent.join('.')}" must be left out: this profile has a rule for another argument of that name.` : null;
  };
}

/** Whether one of the two is an argument and the other a member of it. */
function holdsMember(one: DeclaredName, other: DeclaredName): boolean {
  return one.argument === other.argument && (one.member === null || other.member === null);
}

/** The names that the value at a path is sent under. */
function findRuled(declared: readonly DeclaredName[], [argument, member]: readonly string[]): DeclaredName[] {
  const names = declared.filter((each) => each.argument === argument);
  const own = names.filter((each) => each.member === member);
  return member === undefined || own.length === 0 ? names : own;
}
