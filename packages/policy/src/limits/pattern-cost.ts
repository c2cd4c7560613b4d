/** A named Unicode class has hundreds of ranges. */
const UNICODE_CLASS = 20;

/**
 * About how many steps a regular expression compiles to: repetition with a count multiplies what is repeated. At least 1. One pass over the
 * text, and never less than the truth by more than a small factor.
 */
export function computePatternCost(pattern: string): number {
  const outer: number[] = [];
  let total = 0;
  let atom = 0;
  const add = (cost: number) => {
    atom = cost;
    total += cost;
  };
  for (let at = 0; at < pattern.length; at += 1) {
    switch (pattern[at]) {
      case '\\':
        at += 1;
        add(/[pP]/.test(pattern[at] ?? '') ? UNICODE_CLASS : 1);
        if (/[pP]/.test(pattern[at] ?? '') && pattern[at + 1] === '{') at = findEnd(pattern, '}', at);
        break;
      case '[': {
        const end = findEndOfClass(pattern, at);
        add(1 + UNICODE_CLASS * (pattern.slice(at, end).split(/\\[pP]/).length - 1));
        at = end;
        break;
      }
      case '(':
        outer.push(total);
        total = 1;
        break;
      case ')': {
        const group = total;
        total = outer.pop() ?? 0;
        add(group);
        break;
      }
      case '{': {
        const times = parseRepetitions(pattern, at);
        if (times === null) add(1);
        else {
          total += atom * (times - 1);
          atom *= times;
          at = findEnd(pattern, '}', at);
        }
        break;
      }
      default:
        add(1);
    }
  }
  return Math.max(1, total + outer.reduce((sum, part) => sum + part, 0));
}

function parseRepetitions(pattern: string, at: number): number | null {
  const found = /^\{(\d{1,6})(?:,(\d{0,6}))?\}/.exec(pattern.slice(at, at + 16));
  if (!found) return null;
  return Math.max(1, Number(found[1]), Number(found[2] || 0));
}

function findEnd(pattern: string, closing: string, from: number): number {
  const end = pattern.indexOf(closing, from);
  return end === -1 ? pattern.length : end;
}

function findEndOfClass(pattern: string, from: number): number {
  for (let at = from + 2; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']') return at;
  }
  return pattern.length;
}
