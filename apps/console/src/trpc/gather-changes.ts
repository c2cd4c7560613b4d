import type { ChangeKind } from './shown-queries.ts';

/** Wait this long for more changes before reading again, milliseconds: a publish touches several kinds at once. */
const GATHER_MS = 120;
/** Under a steady stream of calls a page is read again this often, not more. */
export const AT_MOST_EVERY_MS = 1_000;

let isPaused = false;

/**
 * What arrives from now on is read once `resumeReadings` was called: a page that ends what it shows is there a moment longer than that, and would be told
 * that there is no such thing.
 */
export function pauseReadings(): void {
  isPaused = true;
}

export function resumeReadings(): void {
  isPaused = false;
}

/** Collects the kinds that changed and hands them over together, at most once a second, and not while reading is paused. */
export function gatherChanges(read: (kinds: ReadonlySet<ChangeKind>) => void) {
  let kinds = new Set<ChangeKind>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readAt = 0;
  function flush(): void {
    if (isPaused) {
      timer = setTimeout(flush, GATHER_MS);
      return;
    }
    const changed = kinds;
    kinds = new Set();
    timer = undefined;
    readAt = Date.now();
    read(changed);
  }
  return {
    add(kind: ChangeKind): void {
      kinds.add(kind);
      timer ??= setTimeout(flush, Math.max(GATHER_MS, readAt + AT_MOST_EVERY_MS - Date.now()));
    },
    stop(): void {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
