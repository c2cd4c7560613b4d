import { TRPCError } from '@trpc/server';

import { transformer as ofBrowsers, type Written } from '../../trpc/transformer.ts';

/** Levels of an input; what is deeper would end in the stack of whoever walks it. */
const MAX_LEVELS = 200;

/** As browsers have it, the requests read with care. */
export const transformer = { serialize: ofBrowsers.serialize, deserialize: readRequest };

/** What pages send that JSON has no form for. Of other types, and of places named as equal, some take time that grows as their square. */
const SENT_TYPES: ReadonlySet<unknown> = new Set(['Date', 'undefined']);

/**
 * What superjson cannot read is the sender's mistake: its notes on types are a stranger's, and may name places that are not there. Which places
 * hold one and the same value is not looked at: each has a copy.
 */
function readRequest({ json, meta, apart }: Written): unknown {
  const values = meta?.values;
  const problem = findShapeProblem([json, values]) ?? findTypeProblem(values);
  if (problem !== null) throw new TRPCError({ code: 'BAD_REQUEST', message: problem });
  const request = readAny({ json, ...(values && { meta: { values } }), ...(apart === true && { apart }) });
  const named = apart === true ? findShapeProblem(request) : null;
  if (named !== null) throw new TRPCError({ code: 'BAD_REQUEST', message: named });
  return request;
}

function readAny(written: Written): unknown {
  try {
    return ofBrowsers.deserialize(written);
  } catch (cause) {
    throw new TRPCError({ code: 'BAD_REQUEST', message: 'The request cannot be read.', cause });
  }
}

/** Looks level by level and so without recursion. A key `__proto__` would be left out by whoever copies the object. */
function findShapeProblem(value: unknown): string | null {
  let level = [value].filter(isHolder);
  for (let count = 0; level.length > 0; count += 1) {
    if (count === MAX_LEVELS) return 'The request is nested too deeply.';
    if (level.some((holder) => Object.hasOwn(holder, '__proto__'))) return 'The name "__proto__" cannot be used.';
    level = level.flatMap((holder) => Object.values(holder).filter(isHolder));
  }
  return null;
}

/** Looks at every type that the notes name, wherever it stands. */
function findTypeProblem(notes: unknown): string | null {
  for (let level = [notes].filter(isHolder); level.length > 0;) {
    const parts = level.flatMap((holder): unknown[] => Object.values(holder));
    if (!parts.every((part) => isHolder(part) || SENT_TYPES.has(part)))
      return 'The request holds a value of a type that is not taken.';
    level = parts.filter(isHolder);
  }
  return null;
}

function isHolder(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
