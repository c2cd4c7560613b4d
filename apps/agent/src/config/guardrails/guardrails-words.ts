import type { YAMLError } from 'yaml';

import type { InputProblem } from '@gatehouse/process/input-problems';

import { GuardrailsFile, StdioEntryFile } from './guardrails-file.ts';

/** What is to be written where YAML is written wrong, for what people write who know JSON better. */
const REMEDIES: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'Names of one group begin in one column: indent all of them by as many spaces.',
  BLOCK_AS_IMPLICIT_KEY: 'A group begins on the line after its name.',
  DUPLICATE_KEY: 'Keep one of them.',
  MISSING_CHAR: 'Write what is missing.',
  MULTILINE_IMPLICIT_KEY: 'A name ends with a colon, on its line; a comment begins with #.',
  TAB_AS_INDENT: 'Indent with spaces.',
  UNEXPECTED_TOKEN: 'Put a text that holds signs of YAML between quotation marks.',
};

/** What is wrong with the spelling, and what to write. */
export function describeSpelling({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'A second document begins here. Take out the line with ---, and put everything into one.';
  const remedy = REMEDIES[code];
  const told = /[.!?]$/.test(message) ? message : `${message}.`;
  return remedy === undefined ? message : `${told} ${remedy}`;
}

/** What stands in an AI client's own configuration, where people take their servers from. */
const CLIENT_NAMES = new Set(['mcpServers', 'servers', 'command']);
const { http, audit, revocations, limits } = GuardrailsFile.shape;
const GROUPS = Object.entries({ http, audit, revocations, limits }).map(([group, schema]) => ({
  group,
  names: schema.unwrap().shape,
}));

/** The text of a problem, with what to write where people are known to write something else. */
export function addRemedy({ path, text }: InputProblem): string {
  if (text.startsWith('must be a list, not a text')) return `${text}: [a, b], or a line with - before each`;
  if (!text.startsWith('is not known here')) return text;
  const name = String(path.at(-1));
  if (/^(?:\/\/|\/\*)/.test(name)) return 'is no comment: a comment begins with #';
  if (path.length > 1) return text;
  if (CLIENT_NAMES.has(name)) {
    return 'belongs to the configuration of an AI client. What stands here for a server is printed by: gatehouse-agent guardrails entry -- npx -y some-server';
  }
  const group = GROUPS.find(({ names }) => Object.hasOwn(names, name))?.group;
  if (group !== undefined) return `belongs below ${group}: write it there, indented`;
  return Object.hasOwn(StdioEntryFile.shape, name) ? 'belongs to an entry: write it below stdio and the name of the entry' : text;
}
