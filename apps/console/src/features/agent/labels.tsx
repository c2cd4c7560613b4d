import { Badge } from '../../ui/status/badge.tsx';

export type Labels = Readonly<Record<string, string>>;

/** One label for each line, `region=eu`, as somebody edits them. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .toSorted()
    .join('\n');
}

/** What is typed, as labels; a sentence where a line is none. */
export function parseLabels(text: string): { labels: Labels } | { problem: string } {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const pairs = lines.map((line) => {
    const at = line.indexOf('=');
    return { key: at === -1 ? '' : line.slice(0, at).trim(), value: line.slice(at + 1).trim(), line };
  });
  const odd = pairs.find(({ key, value }) => key === '' || value === '');
  if (odd) return { problem: `Write "${odd.line}" as key=value.` };
  const twice = pairs.find(({ key }, index) => pairs.findIndex((pair) => pair.key === key) !== index);
  if (twice) return { problem: `"${twice.key}" is there twice.` };
  return { labels: Object.fromEntries(pairs.map(({ key, value }) => [key, value])) };
}

export interface LabelBadgesProps {
  labels: Labels;
  /** asked for the agents that have this one */
  onChoose?: (label: string) => void;
}

/** The labels of an agent, in the order of their keys. */
export function LabelBadges({ labels, onChoose }: LabelBadgesProps) {
  const texts = formatLabels(labels)
    .split('\n')
    .filter((text) => text !== '');
  if (texts.length === 0) return null;
  return (
    <span className="flex flex-wrap gap-1">
      {texts.map((text) =>
        onChoose ? (
          <button
            key={text}
            type="button"
            aria-label={`Only agents with ${text}`}
            className="inline-flex rounded-chip hover:underline pointer-coarse:min-h-10 pointer-coarse:items-center"
            onClick={() => onChoose(text)}
          >
            <Badge>{text}</Badge>
          </button>
        ) : (
          <Badge key={text}>{text}</Badge>
        ),
      )}
    </span>
  );
}
