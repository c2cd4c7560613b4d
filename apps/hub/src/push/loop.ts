/** What an agent may be due. */
export type Concern = 'standing' | 'keyset' | 'revocations' | 'config' | 'discovery';
export const ALL_CONCERNS: readonly Concern[] = ['standing', 'keyset', 'revocations', 'config', 'discovery'];

/** A loop that can be told to run. */
export interface Loop {
  /** Notes what is due and runs the step, at once or after the run that is under way. Never throws. */
  wake(concerns: readonly Concern[]): void;
  /** Settles when nothing runs. */
  waitUntilIdle(): Promise<void>;
}

/**
 * Events only say what is due; one loop does it. Never two runs at once, and what comes in during a run is folded into the next one. What
 * a failed run was to do stays due for the next wake.
 */
export function createLoop(step: (due: ReadonlySet<Concern>) => Promise<void>, onError: (error: unknown) => void): Loop {
  const due = new Set<Concern>();
  let woken = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    while (woken) {
      woken = false;
      const now = new Set(due);
      due.clear();
      try {
        await step(now);
      } catch (error) {
        now.forEach((concern) => due.add(concern));
        onError(error);
      }
    }
    running = null;
  }

  return {
    wake(concerns) {
      concerns.forEach((concern) => due.add(concern));
      woken = true;
      running ??= run();
    },
    async waitUntilIdle() {
      await running;
    },
  };
}
