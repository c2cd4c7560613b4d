import type { Verdict } from '@gatehouse/db/client';

/** A mistake in the draft itself: a name or the rules for the arguments. Its editor can correct it. */
type DraftProblemCode = 'name_too_long' | 'name_invalid' | 'argument_rules';

/** Why an entry cannot be selected or published now. All but a mistake in the draft depend on the server or its review. */
export type EntryProblemCode =
  | 'server_deleted'
  | 'server_disabled'
  | 'server_not_at_site'
  | 'waits_for_review'
  | 'rejected'
  | 'not_offered'
  | DraftProblemCode;

export interface EntryProblem {
  code: EntryProblemCode;
  /** for the screen: "waits for review" */
  text: string;
}

export const SERVER_DELETED: EntryProblem = { code: 'server_deleted', text: 'its server was deleted' };
export const NOT_OFFERED: EntryProblem = { code: 'not_offered', text: 'its server no longer offers it' };

/** True for a mistake in the draft itself. A save that adds one is refused; any other problem is saved and shown. */
export function isOwnProblem({ code }: EntryProblem): boolean {
  return code === 'name_too_long' || code === 'name_invalid' || code === 'argument_rules';
}

/** What of a server keeps all that it offers from being served. */
export interface ServerStanding {
  disabled: boolean;
  /** then it is disabled too, but nobody is to look for a switch */
  archived: boolean;
  missingAt: readonly string[];
}

/** Why something of a server with this standing would not be served; null when it would. */
export function findStandingProblem(verdict: Verdict, { disabled, archived, missingAt }: ServerStanding): EntryProblem | null {
  if (archived) return { code: 'server_disabled', text: 'its server is archived' };
  if (disabled) return { code: 'server_disabled', text: 'its server is disabled' };
  if (missingAt.length > 0) return { code: 'server_not_at_site', text: `its server is not reachable at ${missingAt.join(', ')}` };
  switch (verdict) {
    case 'approved':
      return null;
    case 'rejected':
      return { code: 'rejected', text: 'rejected in review' };
    case 'pending':
      return { code: 'waits_for_review', text: 'waits for review' };
  }
}

/** Where the sites have several texts of one entry, it can be selected when each of them is approved. `sites`: those of the profile. */
export function findChoiceProblem(
  texts: readonly { verdict: Verdict; siteIds: readonly string[] }[],
  { sites, ...standing }: ServerStanding & { sites: readonly { id: string; name: string }[] },
): EntryProblem | null {
  for (const { verdict, siteIds } of texts) {
    const problem = findStandingProblem(verdict, standing);
    if (!problem) continue;
    const at = sites.filter(({ id }) => siteIds.includes(id)).map(({ name }) => name);
    return texts.length > 1 && at.length > 0 ? { ...problem, text: `${problem.text} at ${at.join(', ')}` } : problem;
  }
  return null;
}
