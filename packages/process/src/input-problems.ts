import { $ZodObject, config, type $ZodIssue, type $ZodRawIssue, util } from 'zod/v4/core';

/** One thing that is wrong with what somebody wrote: where it stands, and words that go on after that. */
export interface InputProblem {
  path: readonly PropertyKey[];
  text: string;
}

type Issue = $ZodRawIssue;

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  nan: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  set: 'a list',
  object: 'a group of names and values',
  record: 'a group of names and values',
  map: 'a group of names and values',
  date: 'a time',
  null: 'empty',
  undefined: 'left out',
};

const FORMATS: Readonly<Record<string, string>> = {
  email: 'must be an e-mail address',
  url: 'must be an address such as https://host.example',
  uuid: 'must be an id, as 123e4567-e89b-42d3-a456-426614174000',
  datetime: 'must be a time, as 2026-01-31T12:00:00Z',
  date: 'must be a day, as 2026-01-31',
  ipv4: 'must be an IPv4 address',
  ipv6: 'must be an IPv6 address',
  base64: 'must be base64',
  base64url: 'must be base64url',
  json_string: 'must be JSON',
};

/** Says what is wrong where a schema has no sentence of its own, in words for who wrote the value. It never repeats the value, which may be secret. */
export function describeIssue(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input);
    case 'invalid_value':
      return issue.values.length === 1 ? `must be ${String(issue.values[0])}` : `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return describeBound(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return describeBound(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'is not written in the form that is wanted here';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `is not known here${describeKnown(issue.inst)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is no name that can stand here';
    case 'invalid_union':
      return describeAlternatives(issue);
    default:
      return 'cannot be used';
  }
}

// for every schema of a process, so that no answer, form or message is left to the words of the library
config({ customError: describeIssue });

/** Everything that a schema found wrong: each unknown name by itself, and of alternatives the one that came nearest. */
export function listInputProblems({ issues }: { issues: readonly $ZodIssue[] }): InputProblem[] {
  return issues.flatMap((issue) => {
    const { path, message: text } = issue;
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], text }));
    if (issue.code !== 'invalid_union') return [{ path, text }];
    const [nearest = []] = issue.errors.toSorted((a, b) => a.length - b.length);
    const inner = listInputProblems({ issues: nearest });
    return inner.length === 0 ? [{ path, text }] : inner.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
  });
}

/** "name: must not be empty"; what is wrong with the whole stands alone. */
export function formatInputProblem({ path, text }: InputProblem): string {
  return path.length === 0 ? text : `${path.join('.')}: ${text}`;
}

function describeType(expected: string, input: unknown): string {
  if (input === undefined) return 'is needed';
  const wanted = `must be ${KINDS[expected] ?? expected}`;
  if (input === null) return `is empty: it ${wanted}, or is left out`;
  const given = util.parsedType(input);
  return given === 'nan' || expected === 'int' ? wanted : `${wanted}, not ${KINDS[given] ?? given}`;
}

function describeBound({ origin, exact }: Issue, bound: unknown, relation: string): string {
  if (bound === 1 && relation === 'at least' && (origin === 'string' || origin === 'array')) return 'must not be empty';
  const amount = exact === true ? `exactly ${String(bound)}` : `${relation} ${String(bound)}`;
  if (origin === 'string') return `must have ${amount} characters`;
  if (origin === 'array' || origin === 'set' || origin === 'map' || origin === 'object') return `must have ${amount} entries`;
  return origin === 'file' ? `must have ${amount} bytes` : `must be ${amount}`;
}

function describeKnown(schema: unknown): string {
  return schema instanceof $ZodObject ? `; known are ${Object.keys(schema._zod.def.shape).join(', ')}` : '';
}

function describeAlternatives({ options }: Issue): string {
  return Array.isArray(options) && options.length > 0
    ? `must be one of ${options.join(', ')}`
    : 'has none of the forms that are wanted here';
}
