const tty = process.stdout.isTTY;
const TICK_MS = tty ? 250 : 15_000;

function write(text: string): void {
  process.stdout.write(text);
}

/** Replaces the line of the step under way; without a terminal it is a further line. */
function show(text: string): void {
  write(tty ? `\r  ${text}\x1b[K` : `  ${text}\n`);
}

/**
 * Tells how `work` goes: a line that counts seconds and ends as done or failed. Without a terminal there is a line at the end, and for long
 * work one every 15 seconds. Tells nothing more once `isQuiet`.
 */
export async function runStep<T>(label: string, work: () => Promise<T>, isQuiet = () => false): Promise<T> {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1_000).toFixed(1);
  const line = (mark: string) => {
    if (!isQuiet()) show(`${mark} ${label.padEnd(52)} ${seconds().padStart(6)} s`);
  };
  const ticker = setInterval(() => line('…'), TICK_MS);
  try {
    const result = await work();
    line('✓');
    return result;
  } catch (error) {
    line('✗');
    throw error;
  } finally {
    clearInterval(ticker);
    if (tty && !isQuiet()) write('\n');
  }
}

/** Prints a line of its own. */
export function printLine(text = ''): void {
  write(`${text}\n`);
}
