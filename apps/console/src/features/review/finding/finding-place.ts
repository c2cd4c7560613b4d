import { decodeSegment } from '@gatehouse/policy/documents/json-pointer';

export interface Place {
  /** "in the description of argument", or "at" before a place that has no words */
  words: string;
  /** name of the argument, or the place itself; null where the words say it all */
  name: string | null;
}

const TEXTS: ReadonlyMap<string, string> = new Map([
  ['name', 'name'],
  ['title', 'title'],
  ['description', 'description'],
  ['text', 'text'],
  ['default', 'default value'],
  ['const', 'fixed value'],
  ['enum', 'list of values'],
  ['examples', 'examples'],
  ['$comment', 'comment'],
  ['inputSchema/description', 'description of the arguments'],
  ['outputSchema/description', 'description of the result'],
]);
const OWNERS: ReadonlyMap<string, string> = new Map([
  ['inputSchema', 'argument'],
  ['outputSchema', 'result field'],
]);
const FIELD = /^\/(inputSchema|outputSchema)\/properties\/([^/]+)(?:\/(\$?[a-z]+)(?:\/\d+)?)?$/;

/** Where in a definition something stands, given its JSON Pointer: "in the description of argument city". */
export function describePlace(pointer: string): Place {
  const text = TEXTS.get(pointer.slice(1));
  if (text !== undefined) return { words: `in the ${text}`, name: null };
  const [, schema = '', field, part] = FIELD.exec(pointer) ?? [];
  const owner = OWNERS.get(schema);
  const known = part === undefined ? 'name' : TEXTS.get(part);
  if (owner === undefined || field === undefined || known === undefined) return { words: 'at', name: pointer };
  return { words: `in the ${known} of ${owner}`, name: decodeSegment(field) };
}
