import { readCpuMs, readResidentMb, readTree, runsScript } from '../processes/proc-tree.ts';
import { STDIO_UPSTREAM } from '../upstream/paths.ts';

const SAMPLE_MS = 200;

/** Follows CPU and memory of what runs on a leash while calls go through it. Without one both are zero. */
export class TreeWatch {
  readonly #leashPid: number | null;
  /** found once: searching for them while calls are timed would be seen in the times */
  readonly #pids: number[];
  readonly #before: number;
  readonly #timer: NodeJS.Timeout;
  #peakMb = 0;

  constructor(leashPid: number | null) {
    this.#leashPid = leashPid;
    this.#pids = this.#listPids();
    this.#before = this.#readCpuMs(this.#pids);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  end(): { cpu: number; peakMb: number } {
    clearInterval(this.#timer);
    this.#sample();
    return { cpu: this.#readCpuMs(this.#listPids()) - this.#before, peakMb: this.#peakMb };
  }

  /** Without the leash itself, which is ours. */
  #listPids(): number[] {
    return this.#leashPid === null ? [] : readTree(this.#leashPid).slice(1);
  }

  /** Without an upstream that runs as a child of the row: only what is in front of it is compared. */
  #readCpuMs(pids: readonly number[]): number {
    return readCpuMs(pids.filter((pid) => !runsScript(pid, STDIO_UPSTREAM)));
  }

  #sample(): void {
    this.#peakMb = Math.max(this.#peakMb, readResidentMb(this.#pids));
  }
}
