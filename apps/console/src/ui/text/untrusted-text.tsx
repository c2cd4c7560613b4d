import { cn } from '../cn.ts';
import { withBreaks } from './break-points.tsx';
import { splitIntoRuns } from './visible-text.ts';

export interface UntrustedTextProps {
  text: string;
  /** in table cells and names: never wraps, and a dot stands where a line ended */
  oneLine?: boolean;
  /** a name or an address: rather breaks between its parts */
  isName?: boolean;
}

/** A text from outside, exactly as a model reads it: inert, and with every hidden character shown in place. */
export function UntrustedText({ text, oneLine = false, isName = false }: UntrustedTextProps) {
  return (
    <bdi className={cn(oneLine ? 'whitespace-nowrap' : 'whitespace-pre-wrap [overflow-wrap:anywhere]')}>
      {splitIntoRuns(oneLine ? text.trim().replaceAll(/\s*\n\s*/g, ' · ') : text).map((run, index) =>
        run.hidden ? (
          <mark
            key={index}
            className="mx-px rounded-chip border border-danger bg-danger-bg px-1 font-mono text-xs whitespace-nowrap text-danger-fg"
          >
            {run.codePoint} {run.name}
          </mark>
        ) : (
          <span key={index}>{isName ? withBreaks(run.text) : run.text}</span>
        ),
      )}
    </bdi>
  );
}
