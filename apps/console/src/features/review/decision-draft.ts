import type { ApiInput } from '../../trpc/client.tsx';
import type { ReviewDetail, ReviewTool } from './summary.ts';

export type Risk = ReviewTool['suggestedRisk'];

/** What the reviewer has chosen for one tool so far. Nothing is sent before the whole review is decided. */
export interface ToolDraft {
  verdict: 'approved' | 'rejected' | null;
  risk: Risk;
  logArguments: readonly string[];
  logResults: readonly string[];
  note: string;
}

export type ReviewDraft = Readonly<Record<string, ToolDraft>>;

/** Standing decisions stay as they are. Open ones start undecided and log no value: what leaves the site is ticked by a person. */
export function initialDraft({ tools }: Pick<ReviewDetail, 'tools'>): ReviewDraft {
  return Object.fromEntries(
    tools.map((tool): [string, ToolDraft] => {
      const { decision } = tool;
      if (decision.verdict === 'pending') {
        return [tool.name, { verdict: null, risk: tool.suggestedRisk, logArguments: [], logResults: [], note: '' }];
      }
      const { verdict, risk, logArguments, logResults, note } = decision;
      return [tool.name, { verdict, risk, logArguments, logResults, note: note ?? '' }];
    }),
  );
}

/** What counts as destructive for "author is not approver": what the server declares, or leaves open, counts as much as what is set. */
export function isDestructive(tool: Pick<ReviewTool, 'declaredRisk'>, risk: Risk): boolean {
  return tool.declaredRisk === 'destructive' || risk === 'destructive';
}

export interface Tally {
  approved: number;
  rejected: number;
  undecided: number;
}

export function tallyOf(draft: ReviewDraft): Tally {
  const verdicts = Object.values(draft).map(({ verdict }) => verdict);
  const count = (wanted: ToolDraft['verdict']) => verdicts.filter((verdict) => verdict === wanted).length;
  return { approved: count('approved'), rejected: count('rejected'), undecided: count(null) };
}

export function addTallies(a: Tally, b: Tally): Tally {
  return { approved: a.approved + b.approved, rejected: a.rejected + b.rejected, undecided: a.undecided + b.undecided };
}

/** "Approve 3, reject 1": what the button does. Without a noun when not all of them are tools. */
export function actionWords({ approved, rejected }: Tally, onlyTools = true): string {
  const noun = (count: number): string => (onlyTools ? (count === 1 ? ' tool' : ' tools') : '');
  if (rejected === 0) return `Approve ${approved}${noun(approved)}`;
  if (approved === 0) return `Reject ${rejected}${noun(rejected)}`;
  return `Approve ${approved}, reject ${rejected}`;
}

/** Input of `review.decide`, once every tool is decided. */
export function decisionsOf(draft: ReviewDraft): ApiInput['review']['decide']['decisions'] {
  return Object.entries(draft).flatMap(([name, { verdict, risk, logArguments, logResults, note }]) =>
    verdict === null
      ? []
      : [
          {
            kind: 'tool' as const,
            name,
            verdict,
            risk,
            logArguments: [...logArguments],
            logResults: [...logResults],
            ...(note.trim() ? { note: note.trim() } : {}),
          },
        ],
  );
}
