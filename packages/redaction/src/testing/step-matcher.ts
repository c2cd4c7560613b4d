import { compileSteps, type CharacterTest, type Instruction } from './step-program.ts';

/** What was found, and how many steps a backtracking engine takes to find it: instructions, and characters within a run. */
export interface Counted {
  start: number;
  end: number;
  steps: number;
}

interface Branch {
  at: number;
  index: number;
  saved: readonly number[];
}

/**
 * Runs a regular expression as engines that backtrack do, step by step, so that its work can be counted instead of timed. The engine itself does
 * less where it can skip ahead, never more in growth.
 */
export class StepMatcher {
  readonly #program: readonly Instruction[];
  readonly #isUnicode: boolean;
  readonly #isSticky: boolean;
  readonly #mayBegin: CharacterTest;
  #steps = 0;
  #text = '';

  constructor(pattern: RegExp) {
    this.#program = compileSteps(pattern);
    this.#mayBegin = createBeginningTest(this.#program);
    this.#isUnicode = pattern.unicode;
    this.#isSticky = pattern.sticky;
  }

  /** From an index on, or at it when the pattern is sticky; `start` is -1 when nothing is found. */
  find(text: string, from: number): Counted {
    this.#steps = 0;
    this.#text = text;
    for (let start = from; start <= text.length; start += this.#isUnicode ? this.#measure(start, false) || 1 : 1) {
      this.#steps += 1;
      const end = this.#mayBegin(this.#read(start)) ? this.#run(this.#program, start, []) : -1;
      if (end >= 0) return { start, end, steps: this.#steps };
      if (this.#isSticky) break;
    }
    return { start: -1, end: -1, steps: this.#steps };
  }

  /** Where the match ends that begins here; -1 when there is none. */
  #run(program: readonly Instruction[], from: number, before: readonly number[]): number {
    const branches: Branch[] = [{ at: 0, index: from, saved: before }];
    for (let branch = branches.pop(); branch; branch = branches.pop()) {
      let [at, index, saved] = [branch.at, branch.index, branch.saved];
      for (let step = program[at]; step && index >= 0; step = program[at]) {
        this.#steps += 1;
        at += 1;
        switch (step.do) {
          case 'done':
            return index;
          case 'take':
            index = this.#take(step, index);
            break;
          case 'run':
            index = this.#takeRun(step, index, (other) => branches.push({ at, index: other, saved }));
            break;
          case 'split':
            branches.push({ at: step.second, index, saved });
            at = step.first;
            break;
          case 'jump':
            at = step.to;
            break;
          case 'save':
            saved = Object.assign([...saved], { [step.slot]: index });
            break;
          case 'repeat':
            index = this.#repeat(step, index, saved);
            break;
          case 'edge':
            if (!this.#isEdge(step.kind, index)) index = -1;
            break;
          case 'look':
            if (this.#run(step.program, index, saved) >= 0 === step.negate) index = -1;
            break;
        }
      }
    }
    return -1;
  }

  /** Units of the character before or behind a place; 0 at the end of the text. */
  #measure(index: number, back: boolean): number {
    const first = back ? index - 1 : index;
    if (first < 0 || first >= this.#text.length) return 0;
    if (!this.#isUnicode) return 1;
    const start = back && first > 0 ? first - 1 : first;
    return (this.#text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  }

  /** The character that begins at a place; -1 at the end of the text. */
  #read(index: number): number {
    if (index >= this.#text.length) return -1;
    return (this.#isUnicode ? this.#text.codePointAt(index) : this.#text.charCodeAt(index)) ?? -1;
  }

  #take({ test, back }: { test: (code: number) => boolean; back: boolean }, index: number): number {
    const length = this.#measure(index, back);
    const start = back ? index - length : index;
    if (length === 0 || !test(this.#read(start))) return -1;
    return back ? start : index + length;
  }

  #takeRun(run: Extract<Instruction, { do: 'run' }>, from: number, addBranch: (index: number) => void): number {
    const places = [from];
    for (let index = from; places.length <= run.max;) {
      this.#steps += 1;
      index = this.#take(run, index);
      if (index < 0) break;
      places.push(index);
    }
    const allowed = places.slice(run.min);
    if (run.lazy) allowed.reverse();
    const last = allowed.pop() ?? -1;
    for (const place of allowed) addBranch(place);
    return last;
  }

  #repeat({ group, back }: { group: number; back: boolean }, index: number, saved: readonly number[]): number {
    const [start, end] = [saved[2 * group] ?? -1, saved[2 * group + 1] ?? -1];
    if (start < 0 || end < 0) return index;
    const text = this.#text.slice(start, end);
    this.#steps += text.length;
    const at = back ? index - text.length : index;
    if (at < 0 || !this.#text.startsWith(text, at)) return -1;
    return back ? at : index + text.length;
  }

  #isEdge(kind: 'start' | 'end' | 'word' | 'inside', index: number): boolean {
    if (kind === 'start') return index === 0;
    if (kind === 'end') return index === this.#text.length;
    return (isWord(this.#text, index - 1) !== isWord(this.#text, index)) === (kind === 'word');
  }
}

function isWord(text: string, index: number): boolean {
  return index >= 0 && index < text.length && /\w/.test(text.charAt(index));
}

/** Whether a match may begin with a character; engines look at that alone first, too. */
function createBeginningTest(program: readonly Instruction[]): CharacterTest {
  const tests = listBeginnings(program);
  const known = new Map<number, boolean>();
  return (code) => {
    const before = known.get(code);
    if (before !== undefined) return before;
    const isOne = tests === null || (code >= 0 && tests.some((test) => test(code)));
    known.set(code, isOne);
    return isOne;
  };
}

/** What the first character of a match can be; null when there may be none. */
function listBeginnings(program: readonly Instruction[]): CharacterTest[] | null {
  const tests: CharacterTest[] = [];
  const seen = new Set<number>();
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const step = program[at];
    if (seen.has(at) || !step) continue;
    seen.add(at);
    if (step.do === 'done' || step.do === 'repeat') return null;
    if (step.do === 'take' || step.do === 'run') tests.push(step.test);
    if (step.do === 'split') waiting.push(step.first, step.second);
    else if (step.do === 'jump') waiting.push(step.to);
    else if (step.do !== 'take' && (step.do !== 'run' || step.min === 0)) waiting.push(at + 1);
  }
  return tests;
}
