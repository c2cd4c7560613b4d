import { cn } from './cn.ts';
import { CopyButton } from './copy.tsx';
import { UntrustedText } from './untrusted-text.tsx';

export interface JsonViewProps {
  value: unknown;
  /** what it is: "Input schema" */
  label: string;
  className?: string;
}

/** JSON from an untrusted party, inert, with hidden characters made visible. What is copied is the exact text. */
export function JsonView({ value, label, className }: JsonViewProps) {
  const text = JSON.stringify(value, null, 2);
  return (
    <figure aria-label={label} className={cn('relative min-w-0 rounded-card border border-line bg-sunken', className)}>
      <pre
        tabIndex={0}
        aria-label={label}
        className="max-h-96 overflow-auto py-2.5 pr-11 pl-3 font-mono text-xs whitespace-pre-wrap"
      >
        <code>
          <UntrustedText text={text} />
        </code>
      </pre>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} className="absolute top-1.5 right-2 bg-sunken" />
    </figure>
  );
}
