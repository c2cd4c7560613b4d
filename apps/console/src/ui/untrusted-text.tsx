import { visibleRuns } from './visible-text.ts';

/** A text from an upstream server, exactly as a model reads it: inert, and with every hidden character shown in place. */
export function UntrustedText({ text }: { text: string }) {
  return (
    <bdi className="whitespace-pre-wrap [overflow-wrap:anywhere]">
      {visibleRuns(text).map((run, index) =>
        run.hidden ? (
          <mark
            key={index}
            title={`${run.codePoint} ${run.name}`}
            className="mx-px rounded-chip border border-danger bg-danger-bg px-1 font-mono text-xs text-danger-fg"
          >
            {run.codePoint} {run.name}
          </mark>
        ) : (
          <span key={index}>{run.text}</span>
        ),
      )}
    </bdi>
  );
}
