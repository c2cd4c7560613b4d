import { writeDeepName } from '@gatehouse/policy/compile/sent-names';
import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { RestField, RestParameter } from '@gatehouse/policy/documents/rest-operation';

import { ArgumentRefused, encodeScalar, requireWellFormed } from './argument-refused.ts';

type Style = Pick<Extract<RestField, { kind: 'styled' }>, 'style' | 'explode' | 'allowReserved'>;

/** Percent-encodes one name or value. */
type Encode = (text: string) => string;

/** What stands between the items of a list in one value: as it is sent, and as it is written in a value. */
const DELIMITERS = {
  form: { sent: ',', written: null },
  spaceDelimited: { sent: '%20', written: ' ' },
  pipeDelimited: { sent: '%7C', written: '|' },
} as const;
/** levels of brackets */
const MAX_LEVELS = 16;

/**
 * The pairs of a query or a form that one value makes, in a style of OpenAPI. Null is sent as nothing, and so is an empty list or object. What
 * `encode` makes of a text holds nothing that ends a value. Throws ArgumentRefused.
 */
export function encodeStyled(argument: string, name: string, value: unknown, styled: Style, encode: Encode): string[] {
  if (value === undefined || value === null) return [];
  const { style, explode } = styled;
  const encodeValue = styled.allowReserved ? keepReserved(encode) : encode;
  if (style === 'deepObject') {
    if (typeof value !== 'object' || isExactNumber(value))
      return [`${encode(name)}=${encodeValue(encodeScalar(argument, value))}`];
    return listDeepLeaves(argument, value).map(
      ({ path, isItem, text }) => `${encode(writeDeepName(name, path) + (isItem ? '[]' : ''))}=${encodeValue(text)}`,
    );
  }
  if (typeof value !== 'object' || isExactNumber(value)) return [`${encode(name)}=${encodeValue(encodeScalar(argument, value))}`];
  const members = isJsonObject(value) ? listMembers(argument, value) : null;
  const texts = members ? members.flat() : (value as unknown[]).map((each) => encodeScalar(argument, each));
  if (texts.length === 0) return [];
  if (explode) {
    return members
      ? members.map(([member, text]) => `${encode(member)}=${encodeValue(text)}`)
      : texts.map((text) => `${encode(name)}=${encodeValue(text)}`);
  }
  const { sent, written } = DELIMITERS[style];
  if (written !== null && texts.some((text) => text.includes(written)))
    throw new ArgumentRefused(
      `"${argument}" holds a value with a "${written}" in it, which would be read as the end of the value.`,
    );
  // a comma inside of a value is no border between two
  return [`${encode(name)}=${texts.map((text) => encodeValue(text).replaceAll(',', '%2C')).join(sent)}`];
}

function listMembers(argument: string, value: JsonObject): [member: string, text: string][] {
  return Object.entries(value).flatMap(([member, each]): [string, string][] =>
    each === null ? [] : [[requireWellFormed(argument, member), encodeScalar(argument, each)]],
  );
}

interface DeepLeaf {
  /** the keys that lead to it */
  path: string[];
  /** one of a list of scalars, which has no key of its own */
  isItem: boolean;
  text: string;
}

/**
 * The scalars inside of a value, for brackets behind its name: a key for each level, a number for an item of a list, nothing for an item of a
 * list that holds scalars alone. Nulls are left out. Throws ArgumentRefused.
 */
export function listDeepLeaves(argument: string, value: unknown, path: string[] = []): DeepLeaf[] {
  if (value === null || value === undefined) return [];
  if (path.length > MAX_LEVELS) throw new ArgumentRefused(`"${argument}" is nested too deep to be sent.`);
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, each]) =>
      listDeepLeaves(argument, each, [...path, requireWellFormed(argument, key)]),
    );
  }
  if (!Array.isArray(value)) return [{ path, isItem: false, text: encodeScalar(argument, value) }];
  const items = value as unknown[];
  if (items.some((item) => typeof item === 'object' && item !== null && !isExactNumber(item)))
    return items.flatMap((item, index) => listDeepLeaves(argument, item, [...path, String(index)]));
  return items.flatMap((item) => (item === null ? [] : [{ path, isItem: true, text: encodeScalar(argument, item) }]));
}

/** Leaves the reserved characters (RFC 3986) that end nothing: not those that servers split a query at, nor a fragment, nor what is a space to some. */
function keepReserved(encode: Encode): Encode {
  return (text) => encode(text).replaceAll(/%(?:3A|2F|3F|40|21|24|28|29|2A|2C|3D)/g, decodeURIComponent);
}

/** A path variable in its style (RFC 6570): what stands in place of it. `values`: one text for each value, two for each member of an object. */
export function encodePathStyle(
  { name, style, explode }: Pick<Extract<RestParameter, { in: 'path' }>, 'name' | 'style' | 'explode'>,
  values: readonly string[][],
): string {
  const words = values.map((pair) => pair.map(encodeURIComponent));
  const texts = explode ? words.map((pair) => pair.join('=')) : words.map((pair) => pair.join(','));
  switch (style) {
    case 'simple':
      return texts.join(',');
    case 'label':
      return texts.length === 0 ? '' : `.${texts.join(explode ? '.' : ',')}`;
    case 'matrix': {
      if (texts.length === 0) return '';
      const key = encodeURIComponent(name);
      const all = explode ? texts : [texts.join(',')];
      return all.map((text) => (text === '' ? `;${key}` : `;${key}=${text}`)).join('');
    }
  }
}
