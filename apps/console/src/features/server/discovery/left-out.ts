import { nameSecretRule, SECRET } from '../../../ui/entity/private-rule.ts';

interface Stage {
  stage: string;
  status: string;
  detail?: string | undefined;
}

export interface ListedOffer {
  /** "4 tools and 1 prompt"; null before it was listed */
  counts: string | null;
  /** what an agent or console of before it was told part by part left out, each with its reason: in words of both, and names from the server */
  leftOut: string[];
  /** what may be personal data left the site, and waits to be looked at in the review */
  personal: string[];
  /** something of it stays at the site for what reads as a secret */
  hasSecret: boolean;
}

/** Where the next note of an agent begins: its reasons have semicolons of their own. */
const NEXT_NOTE =
  /; (?=left out |what may be personal data |(?:prompts|resources|resource templates|instructions) could not be listed: )/;
const CREDENTIAL = /: it holds a credential of this agent$/;

/** What a look at a server said beside its counts. */
export function readListedOffer(stages: readonly Stage[]): ListedOffer {
  const said = stages.find(({ stage, status }) => stage === 'list' && status === 'passed')?.detail;
  const [counts = null, ...notes] = said?.split(NEXT_NOTE) ?? [];
  const refused = stages.find(({ stage, detail }) => stage === 'done' && detail !== undefined)?.detail;
  const isPersonal = (note: string) => note.startsWith('what may be personal data ');
  const leftOut = [...notes.filter((note) => !isPersonal(note)), ...(refused === undefined ? [] : [refused])];
  return {
    counts,
    leftOut: leftOut.map(nameSecretRule),
    personal: notes.filter(isPersonal),
    hasSecret: leftOut.some((note) => SECRET.test(note) || CREDENTIAL.test(note)),
  };
}
