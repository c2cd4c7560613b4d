import { measureMemory } from './process-tree.ts';

/** Megabytes that a stdio server may use when its entry in the guardrails does not say. */
export const MEMORY_LIMIT_MB = 1_024;
const SAMPLE_MS = 2_000;

interface Watched {
  pid: number;
  limitMb: number;
  onOver: (usedMb: number) => void;
}

/** Watches the resident memory of processes with all that they started, through /proc; elsewhere than on Linux nothing is watched. */
export class MemoryWatch {
  readonly #watched = new Set<Watched>();
  readonly #sampleMs: number;
  #timer: NodeJS.Timeout | null = null;
  #sampling = false;

  constructor(sampleMs = SAMPLE_MS) {
    this.#sampleMs = sampleMs;
  }

  /** Watches a process with all that it starts. Returns what ends the watching. `onOver` is called at most once. */
  watch({ pid }: { pid?: number }, limitMb: number, onOver: (usedMb: number) => void): () => void {
    if (pid === undefined || process.platform !== 'linux') return () => undefined;
    const watched: Watched = { pid, limitMb, onOver };
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => void this.#sample(), this.#sampleMs).unref();
    return () => this.#end(watched);
  }

  #end(watched: Watched): void {
    this.#watched.delete(watched);
    if (this.#watched.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #sample(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    try {
      const usedMb = await measureMemory(new Set([...this.#watched].map(({ pid }) => pid)));
      for (const watched of this.#watched) {
        const used = usedMb.get(watched.pid) ?? 0;
        if (used <= watched.limitMb) continue;
        this.#end(watched);
        watched.onOver(Math.round(used));
      }
    } finally {
      this.#sampling = false;
    }
  }
}
