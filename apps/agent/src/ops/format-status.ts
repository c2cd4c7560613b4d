import { makePrintable } from './printable.ts';
import type { AgentStatus } from './readiness.ts';

const MARKS = { good: '✓', trouble: '✗', waiting: '…' } as const;
const COLOURS = { good: 32, trouble: 31, waiting: 33 } as const;
type Mark = keyof typeof MARKS;

/** The status as a person at a terminal reads it, one line per subject. */
export function formatStatus(status: AgentStatus, colour: boolean): string[] {
  const line = (mark: Mark, subject: string, text: string) => {
    const sign = colour ? `\u001B[${COLOURS[mark]}m${MARKS[mark]}\u001B[0m` : MARKS[mark];
    return `  ${sign} ${subject.padEnd(10)}${makePrintable(text)}`;
  };
  const { agent, control, config, audit, servers, profiles, tls } = status;
  const failing = servers.filter((server) => server.state === 'unreachable');
  const lines = [`  gatehouse-agent ${agent.version}   ${makePrintable(`${agent.name}   ${agent.tenant}/${agent.site}`)}`];

  if (control.phase === 'connected') lines.push(line('good', 'control', `${control.url}   config v${config.version}`));
  else lines.push(line(control.error ? 'trouble' : 'waiting', 'control', `${control.url}   ${control.error ?? 'connecting'}`));
  if (Math.abs(control.clockSkewMs ?? 0) > 60_000)
    lines.push(line('trouble', 'clock', formatClockSkew(control.clockSkewMs ?? 0)));

  if (config.refusal) lines.push(line(config.version === 0 ? 'waiting' : 'trouble', 'serving', config.refusal));
  else {
    const names = servers.map((server) => server.slug).join('  ');
    lines.push(
      line(
        failing.length > 0 ? 'trouble' : 'good',
        'servers',
        `${servers.length - failing.length} of ${servers.length}     ${names}`,
      ),
    );
    for (const { slug, withheld, error } of failing)
      lines.push(line('trouble', withheld ? 'withheld' : '', `${slug}: ${error ?? 'unreachable'}`));
    profiles.forEach(({ url }, index) => lines.push(line('good', index === 0 ? 'profiles' : '', url)));
  }
  if (status.status === 'draining') lines.push(line('waiting', 'stopping', 'ends the calls under way'));
  if (tls?.error) lines.push(line('trouble', 'tls', tls.error));
  lines.push(...describeReceipts(audit).map(([mark, text]) => line(mark, 'receipts', text)));
  return lines;
}

function describeReceipts({ error, lostReceipts, refusedReceipts, bufferedReceipts }: AgentStatus['audit']): [Mark, string][] {
  const said: [Mark, string | null][] = [
    ['trouble', error],
    ['trouble', lostReceipts > 0 ? `${lostReceipts} could not be kept` : null],
    ['trouble', refusedReceipts > 0 ? `${refusedReceipts} refused by the hub, kept in refused-receipts` : null],
    ['waiting', !error && bufferedReceipts > 0 ? `${bufferedReceipts} wait for the control plane` : null],
  ];
  return said.flatMap(([mark, text]): [Mark, string][] => (text ? [[mark, text]] : []));
}

function formatClockSkew(skewMs: number): string {
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  return `This machine's clock is ${minutes} min ${skewMs > 0 ? 'ahead' : 'behind'}.`;
}
