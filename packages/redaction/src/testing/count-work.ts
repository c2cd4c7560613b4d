import { StepMatcher } from './step-matcher.ts';

type Cost = (self: unknown, given: readonly unknown[], result: unknown) => number;

const countAll: Cost = (self) => measure(self);
const countOne: Cost = () => 1;
/** Up to what is found, or to the end. */
const countSearched: Cost = (self, [, from], result) =>
  1 +
  (typeof result === 'number' && result >= 0
    ? Math.max(0, result - Number(from ?? 0))
    : Math.max(0, measure(self) - Number(from ?? 0)));
const countWritten: Cost = (_self, _given, result) => 1 + measure(result);
const countCompared: Cost = (_self, [given]) => 1 + measure(given);

/** By method what it costs, in characters or items that it looks at. Methods that take a pattern end in `exec`. */
const COSTS: readonly [object, Record<string, Cost>][] = [
  [
    String.prototype,
    {
      ...Object.fromEntries(['charCodeAt', 'charAt', 'codePointAt', 'at'].map((name) => [name, countOne])),
      ...Object.fromEntries(['indexOf', 'includes'].map((name) => [name, countSearched])),
      ...Object.fromEntries(['startsWith', 'endsWith'].map((name) => [name, countCompared])),
      ...Object.fromEntries(['slice', 'substring', 'repeat', 'padStart'].map((name) => [name, countWritten])),
      ...Object.fromEntries(
        ['lastIndexOf', 'split', 'replaceAll', 'toLowerCase', 'toUpperCase', 'normalize', 'trim', 'trimEnd', 'toWellFormed'].map(
          (name) => [name, countAll],
        ),
      ),
    },
  ],
  [
    Array.prototype,
    {
      ...Object.fromEntries(
        [
          'includes',
          'indexOf',
          'join',
          'map',
          'filter',
          'flatMap',
          'concat',
          'toSorted',
          'sort',
          'reverse',
          'splice',
          'shift',
          'reduce',
        ].map((name) => [name, countAll]),
      ),
      ...Object.fromEntries(['slice', 'flat'].map((name) => [name, countWritten])),
    },
  ],
];

/**
 * How much work a run takes: characters and items that built-in methods look at, and the steps of regular expressions as an engine that backtracks
 * takes them. Says the same every time and on every machine, so that a test can hold growth to a bound; it says nothing of seconds. Loops over an
 * array that call nothing are not seen. The run must be synchronous.
 */
export function countWork(run: () => void): number {
  let [work, isOurs] = [0, false];
  // what the counting itself calls is not counted
  const add = (compute: () => number) => {
    if (isOurs) return;
    isOurs = true;
    try {
      work += compute();
    } finally {
      isOurs = false;
    }
  };
  const restored = COSTS.flatMap(([prototype, costs]) =>
    Object.entries(costs).map(([name, cost]) =>
      watchMethod(prototype, name, (self, given, call) => {
        const result = call();
        add(() => cost(self, given, result));
        return result;
      }),
    ),
  );
  const restoreExec = watchMethod(RegExp.prototype, 'exec', (self, [text], call) => {
    if (!(self instanceof RegExp)) return call();
    const from = self.global || self.sticky ? self.lastIndex : 0;
    const result = call();
    add(() => countSteps(self, String(text), from, result));
    return result;
  });
  try {
    run();
  } finally {
    for (const restore of [restoreExec, ...restored]) restore();
  }
  return work;
}

/** Stands in for a built-in method until the function that is returned is called. */
function watchMethod(
  prototype: object,
  name: string,
  watch: (self: unknown, given: readonly unknown[], call: () => unknown) => unknown,
): () => void {
  const native = Object.getOwnPropertyDescriptor(prototype, name) ?? {};
  const method: unknown = native.value;
  if (typeof method !== 'function') throw new TypeError(`No method ${name}`);
  const value = function (this: unknown, ...given: unknown[]): unknown {
    return watch(this, given, () => Reflect.apply(method, this, given));
  };
  Object.defineProperty(prototype, name, { ...native, value });
  return () => Object.defineProperty(prototype, name, native);
}

const matchers = new Map<string, StepMatcher>();

/** Also holds the count to the engine: both have to find the same. */
function countSteps(pattern: RegExp, text: string, from: number, result: unknown): number {
  const key = String(pattern);
  const matcher = matchers.get(key) ?? new StepMatcher(pattern);
  matchers.set(key, matcher);
  const { start, end, steps } = matcher.find(text, from);
  const [found, index] = Array.isArray(result) && 'index' in result ? [String(result[0]), Number(result.index)] : ['', -1];
  if (start !== index || (start >= 0 && end - start !== found.length))
    throw new Error(`The steps of ${key} find something else than the engine: ${start} to ${end}, not ${index}`);
  return steps;
}

function measure(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 1;
}
