const tty = process.stdout.isTTY;

function write(text: string): void {
  process.stdout.write(text);
}

/** Prints one line that counts seconds while `work` runs and ends as done or failed. Without a terminal: one line at the end. */
export async function runStep<T>(label: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1_000).toFixed(1);
  const ticker = tty ? setInterval(() => write(`\r  … ${label}  ${seconds()} s\x1b[K`), 250) : undefined;
  try {
    const result = await work();
    clearInterval(ticker);
    write(`${tty ? '\r' : ''}  ✓ ${label.padEnd(52)} ${seconds().padStart(6)} s${tty ? '\x1b[K' : ''}\n`);
    return result;
  } catch (error) {
    clearInterval(ticker);
    write(`${tty ? '\r' : ''}  ✗ ${label}${tty ? '\x1b[K' : ''}\n`);
    throw error;
  }
}

/** Prints a line of its own. */
export function printLine(text = ''): void {
  write(`${text}\n`);
}
