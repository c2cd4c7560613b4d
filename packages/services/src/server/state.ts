/** The words of the screen. */
export type ServerState =
  | 'Not looked at'
  | 'Needs review'
  | 'Approved'
  | 'Change held'
  | 'Unreachable'
  | 'Withheld'
  | 'Disabled'
  | 'Archived'
  | 'Rejected'
  | 'Expired';

export interface ServerFacts {
  archived: boolean;
  disabled: boolean;
  /** entries of the newest revision, of any kind, that may be used now */
  approved: number;
  /** the newest revision waits for a decision */
  reviewOpen: boolean;
  /** something that was approved stands in it with another definition */
  changeHeld: boolean;
  /** the last decision that was made, if any */
  lastDecision: { valid: boolean } | null;
  /** the newest discovery failed without reaching the server */
  discoveryUnreachable: boolean;
  /** what the connected agents that could serve it report; empty when none does */
  agentHealth: readonly ('connected' | 'unreachable' | 'unused' | 'withheld')[];
}

/** The one rule for a server's state. What stops every call comes first. */
export function getServerState(facts: ServerFacts): ServerState {
  if (facts.archived) return 'Archived';
  if (facts.disabled) return 'Disabled';
  if (isWithheld(facts)) return 'Withheld';
  if (isUnreachable(facts)) return 'Unreachable';
  if (facts.lastDecision === null) return facts.reviewOpen ? 'Needs review' : 'Not looked at';
  if (!facts.lastDecision.valid) return facts.reviewOpen ? 'Needs review' : 'Expired';
  if (facts.reviewOpen) return facts.changeHeld ? 'Change held' : 'Needs review';
  return facts.approved > 0 ? 'Approved' : 'Rejected';
}

/** By every agent that could serve it. */
function isWithheld({ agentHealth }: ServerFacts): boolean {
  return agentHealth.length > 0 && agentHealth.every((state) => state === 'withheld');
}

/** As those say that have tried; an agent that leaves it out has not. */
function isUnreachable({ agentHealth, discoveryUnreachable }: ServerFacts): boolean {
  const tried = agentHealth.filter((state) => state === 'connected' || state === 'unreachable');
  return tried.length > 0 ? tried.every((state) => state === 'unreachable') : discoveryUnreachable;
}
