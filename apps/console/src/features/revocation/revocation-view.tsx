import Link from 'next/link';

import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { KeyValue } from '../../ui/layout/card.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { FullTime } from '../../ui/text/relative-time.tsx';
import { describeAct, type Entry, getHolderWords, type Reach } from './revocation-words.ts';

export const describeTaker = ({ by }: Pick<Entry, 'by'>): string => by ?? 'Taken over from an agent';

/** One entry of the log, and which agents have it. */
export function RevocationView({ entry, reach: { agents, total } }: { entry: Entry; reach: Reach }) {
  const path = usePath();
  const { can } = useMe();
  const { seq, at, subjectId, auditId } = entry;
  return (
    <div className="flex flex-col gap-5">
      <KeyValue
        items={[
          { label: 'Effect', value: describeAct(entry) },
          { label: 'Signed', value: <FullTime at={at} /> },
          { label: 'By', value: describeTaker(entry) },
          { label: 'Entry', value: `${seq} of the log` },
          { label: 'Id', value: <CopyText text={subjectId} label="id of what was revoked" /> },
          ...(can('admin_audit.read')
            ? [
                {
                  label: 'Act',
                  value: (
                    <Link
                      href={path(`/audit/admin?peek=${auditId}`)}
                      className="inline-flex items-center text-accent-fg hover:underline pointer-coarse:min-h-10"
                    >
                      In the admin log
                    </Link>
                  ),
                },
              ]
            : []),
        ]}
      />
      <section>
        <h3 className="mb-2 text-xs font-medium text-subtle">Agents</h3>
        <ul className="space-y-1">
          {agents.map((agent) => (
            <li key={agent.id} className="flex flex-wrap items-center justify-between gap-x-4">
              <Link
                href={path(`/agents/${agent.id}`)}
                className="inline-flex min-w-0 items-center text-accent-fg wrap-anywhere hover:underline pointer-coarse:min-h-10"
              >
                {agent.name}
              </Link>
              <StatusDot {...getHolderWords(agent, seq)} />
            </li>
          ))}
        </ul>
        {total > agents.length && (
          <p className="mt-1 text-muted">
            And {describeCount(total - agents.length, 'more agent')}, which know no less than these. {entry.having} of all have
            it.
          </p>
        )}
        {total === 0 && <p className="text-muted">No agent is enrolled.</p>}
      </section>
    </div>
  );
}
