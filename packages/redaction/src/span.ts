/** A range of text to remove, `end` exclusive, and the rule that found it. */
export interface Span {
  start: number;
  end: number;
  rule: Rule;
}

/** Strongest first: where several find the same text, the first names it. */
const RULES = [
  'credential',
  'private-key',
  'key-name',
  'url-credentials',
  'token',
  'card',
  'iban',
  'national-id',
  'email',
  'phone',
  'ip',
  'mac',
  'random',
] as const;
export type Rule = (typeof RULES)[number];

/** Joins spans that overlap and writes the text without them, `[redacted:<rule>]` in their place. Names every rule that took part. */
export function removeSpans(text: string, spans: Span[]): { text: string; rules: Rule[] } {
  if (!spans.length) return { text, rules: [] };
  spans.sort((left, right) => left.start - right.start);
  let [result, position] = ['', 0];
  for (const { start, end, rule } of mergeSpans(spans)) {
    result += `${text.slice(position, start)}[redacted:${rule}]`;
    position = end;
  }
  const found = new Set(spans.map((span) => span.rule));
  return { text: result + text.slice(position), rules: RULES.filter((rule) => found.has(rule)) };
}

function mergeSpans(sorted: Span[]): Span[] {
  const groups: Span[] = [];
  for (const span of sorted) {
    const last = groups.at(-1);
    if (!last || span.start >= last.end) groups.push({ ...span });
    else {
      last.end = Math.max(last.end, span.end);
      if (RULES.indexOf(span.rule) < RULES.indexOf(last.rule)) last.rule = span.rule;
    }
  }
  return groups;
}
