import { readPattern, type Node } from './read-pattern.ts';

/** What one step of a match does. `back`: towards the beginning of the text, as within a lookbehind. */
export type Instruction =
  | { do: 'take'; test: CharacterTest; back: boolean }
  /** as many as there are, at least `min`; then fewer of them, or first the fewest when lazy */
  | { do: 'run'; test: CharacterTest; back: boolean; min: number; max: number; lazy: boolean }
  | { do: 'split'; first: number; second: number }
  | { do: 'jump'; to: number }
  | { do: 'save'; slot: number }
  | { do: 'repeat'; group: number; back: boolean }
  | { do: 'edge'; kind: 'start' | 'end' | 'word' | 'inside' }
  | { do: 'look'; program: readonly Instruction[]; negate: boolean }
  | { do: 'done' };

/** Whether the character with this code belongs to the class. */
export type CharacterTest = (code: number) => boolean;

/** A regular expression as instructions that can be counted while they run. Throws for what is not supported, as loops over what may be nothing. */
export function compileSteps({ source, flags }: RegExp): readonly Instruction[] {
  return [...compile(readPattern(source, flags), false), { do: 'done' }];
}

function compile(node: Node, back: boolean): Instruction[] {
  switch (node.type) {
    case 'class':
      return [{ do: 'take', test: node.test, back }];
    case 'edge':
      return [{ do: 'edge', kind: node.kind }];
    case 'reference':
      return [{ do: 'repeat', group: node.group, back }];
    case 'look':
      return [{ do: 'look', program: [...compile(node.body, node.behind), { do: 'done' }], negate: node.negate }];
    case 'sequence':
      return (back ? node.parts.toReversed() : node.parts).reduce<Instruction[]>(
        (all, part) => [...all, ...move(compile(part, back), all.length)],
        [],
      );
    case 'group': {
      const body = compile(node.body, back);
      const [opening, closing] = [2 * node.index, 2 * node.index + 1];
      return [{ do: 'save', slot: back ? closing : opening }, ...move(body, 1), { do: 'save', slot: back ? opening : closing }];
    }
    case 'either':
      return compileEither(node.options, back);
    case 'loop':
      return compileLoop(node, back);
  }
}

function compileEither(options: readonly Node[], back: boolean): Instruction[] {
  const [first, ...others] = options.map((option) => compile(option, back));
  if (!first) return [];
  return others.reduce<Instruction[]>((rest, next) => joinEither(rest, next), first);
}

/** Earlier options are tried before later ones. */
function joinEither(earlier: Instruction[], later: Instruction[]): Instruction[] {
  const second = earlier.length + 2;
  return [
    { do: 'split', first: 1, second },
    ...move(earlier, 1),
    { do: 'jump', to: second + later.length },
    ...move(later, second),
  ];
}

function compileLoop({ body, min, max, lazy }: Extract<Node, { type: 'loop' }>, back: boolean): Instruction[] {
  if (body.type === 'class') return [{ do: 'run', test: body.test, back, min, max, lazy }];
  const once = compile(body, back);
  const all: Instruction[] = [];
  const add = (part: Instruction[]) => all.push(...move(part, all.length));
  for (let count = 0; count < min; count += 1) add(once);
  if (max === Number.POSITIVE_INFINITY) {
    if (mayBeEmpty(body)) throw new TypeError('A loop over what may be nothing');
    const [inside, behind] = [1, once.length + 2];
    add([
      { do: 'split', first: lazy ? behind : inside, second: lazy ? inside : behind },
      ...move(once, 1),
      { do: 'jump', to: 0 },
    ]);
    return all;
  }
  const behind = all.length + (max - min) * (once.length + 1);
  for (let count = min; count < max; count += 1) {
    const inside = all.length + 1;
    all.push({ do: 'split', first: lazy ? behind : inside, second: lazy ? inside : behind }, ...move(once, inside));
  }
  return all;
}

/** The same instructions further on. */
function move(program: readonly Instruction[], by: number): Instruction[] {
  return program.map((step) => {
    if (step.do === 'split') return { ...step, first: step.first + by, second: step.second + by };
    return step.do === 'jump' ? { ...step, to: step.to + by } : step;
  });
}

function mayBeEmpty(node: Node): boolean {
  switch (node.type) {
    case 'class':
      return false;
    case 'edge':
    case 'look':
    case 'reference':
      return true;
    case 'sequence':
      return node.parts.every(mayBeEmpty);
    case 'group':
      return mayBeEmpty(node.body);
    case 'either':
      return node.options.some(mayBeEmpty);
    case 'loop':
      return node.min === 0 || mayBeEmpty(node.body);
  }
}
