/** Fewer would be measured by too coarse a clock. */
const CHARACTERS = 600_000;

export type Find = (text: string) => unknown;

/** Nanoseconds of CPU for each character of a text, which is read as often as it takes. */
export function measure(find: Find, text: string, characters = CHARACTERS): number {
  const times = Math.max(1, Math.round(characters / text.length));
  const start = process.cpuUsage();
  for (let time = 0; time < times; time += 1) find(text);
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1_000) / (times * text.length);
}
