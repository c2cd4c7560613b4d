import { RE2JS } from 're2js';

/** Longest address that is compared with a template, characters. */
const MAX_URI = 2_048;
/** Expressions in one template, and names in one expression. */
const MAX_EXPRESSIONS = 16;
const MAX_NAMES = 8;

/** Characters that stand in no address: controls, space, quotes, brackets of other notations. */
const NEVER = String.raw`\x00-\x20"<>\\^\x60{|}\x7f`;
const VALUE = `[^${NEVER}/?#,]`;
const SEGMENT = `/[^${NEVER}/?#]+`;
const LABEL = `\\.[^${NEVER}/?#,.]+`;
const QUERY_VALUE = `[^${NEVER}&#]*`;

export interface UriMatcher {
  /** two templates with equal shapes describe the same addresses */
  shape: string;
  matches: (uri: string) => boolean;
}

/**
 * Tells whether a template (RFC 6570, the forms that MCP servers use) describes an address. Null for a template that is malformed or uses
 * another form. An address is compared as it is, never decoded; one with `.` or `..` as a segment, written in whatever way, fits nothing, since a
 * server may resolve it to a place that nobody approved. Matching takes time linear in the length of the address.
 */
export function compileUriMatcher(uriTemplate: string): UriMatcher | null {
  const shape = toShape(uriTemplate);
  if (shape === null) return null;
  const pattern = RE2JS.compile(shape);
  return {
    shape,
    matches: (uri) => uri.length <= MAX_URI && uri.isWellFormed() && !hasDotSegment(uri) && pattern.matches(uri),
  };
}

/** True when the template describes the address; false also for a template that cannot be read. */
export function matchesTemplate(uriTemplate: string, uri: string): boolean {
  return compileUriMatcher(uriTemplate)?.matches(uri) ?? false;
}

function toShape(template: string): string | null {
  const parts = template.split(/[{}]/);
  // literals and expressions take turns, so braces that are not in pairs are found by count and by order
  if (parts.length % 2 === 0 || parts.length > 2 * MAX_EXPRESSIONS + 1 || !/^[^{}]*(?:\{[^{}]+\}[^{}]*)*$/.test(template))
    return null;
  const shapes = parts.map((part, index) => (index % 2 === 0 ? RE2JS.quote(part) : toExpressionPattern(part)));
  return shapes.includes(null) ? null : shapes.join('');
}

interface Variable {
  name: string;
  explode: boolean;
  /** longest value in characters */
  prefix: number | null;
}

function toExpressionPattern(text: string): string | null {
  const operator = /^[+#./;?&]/.exec(text)?.[0] ?? '';
  const variables = text.slice(operator.length).split(',').map(parseVariable);
  if (variables.length > MAX_NAMES || !variables.every((entry) => entry !== null)) return null;
  return variables.some((entry) => entry.explode) ? toExplodedPattern(operator) : toPlainPattern(operator, variables);
}

/** `*`: any number of values, or any pairs. */
function toExplodedPattern(operator: string): string {
  switch (operator) {
    case '':
      return `${VALUE}+(?:,${VALUE}+)*`;
    case '.':
      return `(?:${LABEL})*`;
    case '/':
      return `(?:${SEGMENT})*`;
    case ';':
      return `(?:;[^${NEVER}/?#;]*)*`;
    case '?':
      return `(?:\\?[^${NEVER}#]*)?`;
    case '&':
      return `(?:&[^${NEVER}#]*)?`;
    default:
      return toReservedPattern(operator);
  }
}

function toPlainPattern(operator: string, variables: readonly Variable[]): string {
  const most = `{0,${variables.length}}`;
  switch (operator) {
    case '': {
      const prefix = variables.length === 1 ? variables[0]?.prefix : null;
      return prefix ? `${VALUE}{1,${prefix}}` : `${VALUE}+(?:,${VALUE}+){0,${variables.length - 1}}`;
    }
    case '.':
      return `(?:${LABEL})${most}`;
    case '/':
      return `(?:${SEGMENT})${most}`;
    case ';':
      return variables.map(({ name }) => `(?:;${RE2JS.quote(name)}(?:=[^${NEVER}/?#;]*)?)?`).join('');
    case '?':
      return `(?:\\?${toPairsPattern(variables)})?`;
    case '&':
      return variables.map((entry) => `(?:&${toPairPattern(entry)})?`).join('');
    default:
      return toReservedPattern(operator);
  }
}

/** `+` and `#`: whatever an address may hold. */
function toReservedPattern(operator: string): string {
  return operator === '#' ? `(?:#[^${NEVER}]*)?` : `[^${NEVER}#]+`;
}

/** Any of the pairs, in their order, each at most once, at least one. */
function toPairsPattern(variables: readonly Variable[]): string {
  const starts = variables.map((first, index) => {
    const others = variables.slice(index + 1).map((entry) => `(?:&${toPairPattern(entry)})?`);
    return toPairPattern(first) + others.join('');
  });
  return `(?:${starts.join('|')})`;
}

function toPairPattern({ name }: Variable): string {
  return `${RE2JS.quote(name)}=${QUERY_VALUE}`;
}

function parseVariable(text: string): Variable | null {
  const found = /^([A-Za-z0-9_.%-]{1,128})(?:(\*)|:([1-9]\d{0,2}))?$/.exec(text);
  if (!found?.[1]) return null;
  return { name: found[1], explode: found[2] !== undefined, prefix: found[3] === undefined ? null : Number(found[3]) };
}

function hasDotSegment(uri: string): boolean {
  const plain = uri
    .replaceAll(/%(?:25)+/g, '%')
    .replaceAll(/%2e/gi, '.')
    .replaceAll(/%2f/gi, '/')
    .replaceAll(/%5c/gi, '/');
  return plain.split(/[/\\?#]/).some((segment) => segment === '.' || segment === '..');
}
