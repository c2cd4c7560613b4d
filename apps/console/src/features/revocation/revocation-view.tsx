import Link from 'next/link';

import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { KeyValue } from '../../ui/layout/card.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { FullTime } from '../../ui/text/relative-time.tsx';
import { describeAct, type Entry, getHolderWords, type Holder } from './revocation-words.ts';

export const describeTaker = ({ by }: Pick<Entry, 'by'>): string => by ?? 'Taken over from an agent';

/** One entry of the log, and which agents have it. */
export function RevocationView({ entry, agents }: { entry: Entry; agents: readonly Holder[] }) {
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
        {agents.length === 0 && <p className="text-muted">No agent is enrolled.</p>}
      </section>
    </div>
  );
}
