/**
 * Cuts a byte stream into lines without their end. A line that goes over `maxBytes` is reported once, as soon as it does, and its rest is
 * dropped.
 */
export function createLineReader(
  maxBytes: number,
  listener: { onLine(line: Buffer): void; onTooLong(): void },
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let dropping = false;

  function take(part: Buffer): void {
    length += part.length;
    if (dropping || part.length === 0) return;
    parts.push(part);
    if (length <= maxBytes) return;
    dropping = true;
    parts = [];
    listener.onTooLong();
  }

  return (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a)) {
      take(rest.subarray(0, end));
      const line = Buffer.concat(parts);
      const whole = !dropping;
      [parts, length, dropping] = [[], 0, false];
      rest = rest.subarray(end + 1);
      if (whole) listener.onLine(line);
    }
    take(rest);
  };
}
