import { keyOf, type ProfileDetail, type StaffDraft } from './draft.ts';

type Published = ProfileDetail['published'];

export interface VersionChange {
  kind: 'added' | 'removed' | 'changed';
  /** name that AI clients see after publishing; of a removed tool, the one they saw */
  name: string;
  /** what is different, in words: "denied now", "new description" */
  details: string[];
}

/** What publishing the draft would change for AI clients, added tools first. */
export function changesSince(draft: StaffDraft, published: Published): VersionChange[] {
  const was = new Map((published?.document.tools ?? []).map((tool) => [keyOf(tool), tool]));
  const is = new Set(draft.tools.map(keyOf));
  const added = draft.tools.filter((tool) => !was.has(keyOf(tool)));
  return [
    ...added.map((tool): VersionChange => ({ kind: 'added', name: tool.advertisedName, details: newToolDetails(tool) })),
    ...[...was]
      .filter(([key]) => !is.has(key))
      .map(([, { advertisedName }]): VersionChange => ({ kind: 'removed', name: advertisedName, details: [] })),
    ...draft.tools.flatMap((tool): VersionChange[] => {
      const before = was.get(keyOf(tool));
      const details = before ? differences(before, tool) : [];
      return details.length > 0 ? [{ kind: 'changed', name: tool.advertisedName, details }] : [];
    }),
  ];
}

type DraftTool = StaffDraft['tools'][number];
type PublishedTool = NonNullable<Published>['document']['tools'][number];

function newToolDetails({ rule, serverName, toolName, advertisedName }: DraftTool): string[] {
  return [
    advertisedName === toolName ? `from ${serverName}` : `${toolName} from ${serverName}`,
    ...(rule === 'deny' ? ['denied'] : []),
  ];
}

function differences(before: PublishedTool, after: DraftTool): string[] {
  const lines: string[] = [];
  if (before.advertisedName !== after.advertisedName) lines.push(`was shown as ${before.advertisedName}`);
  if (before.describe !== after.describe) {
    lines.push(after.describe === null ? 'the server’s own description again' : 'new description');
  }
  if (before.rule !== after.rule) lines.push(after.rule === 'deny' ? 'denied from now on' : 'allowed from now on');
  else if (before.denyReason !== after.denyReason) lines.push('another reason for the refusal');
  if (before.pin !== after.pin) lines.push('definition approved since then');
  return lines;
}

/** How receipts of read calls are kept after publishing, when that changes. */
export function auditChange(draft: StaffDraft, published: Published): string | null {
  if (!published || published.document.audit === draft.audit) return null;
  return draft.audit === 'durable' ? 'Receipts of read calls become durable.' : 'Receipts of read calls become best effort.';
}

/** True when the draft holds exactly what is published. */
export function isPublished(draft: StaffDraft, published: Published): boolean {
  return published !== null && auditChange(draft, published) === null && changesSince(draft, published).length === 0;
}
