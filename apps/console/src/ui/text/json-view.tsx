import { cn } from '../cn.ts';
import { ScrollRegion } from '../layout/scroll-region.tsx';
import { CopyButton } from './copy.tsx';
import { UntrustedText } from './untrusted-text.tsx';

export interface JsonViewProps {
  value: unknown;
  /** what it is: "Definition of get_order"; unique on the page */
  label: string;
  className?: string;
}

/** JSON from an untrusted party, inert, with hidden characters made visible. What is copied is the exact text. */
export function JsonView({ value, label, className }: JsonViewProps) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className={cn('relative min-w-0 rounded-card border border-line bg-sunken', className)}>
      <ScrollRegion label={label} className="max-h-96 rounded-card">
        <pre className="py-2.5 pr-11 pl-3 font-mono text-xs whitespace-pre-wrap">
          <code>
            <UntrustedText text={text} />
          </code>
        </pre>
      </ScrollRegion>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} className="absolute top-1.5 right-2 bg-sunken" />
    </div>
  );
}
