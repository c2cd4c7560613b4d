import type { ApiOutput } from '../../trpc/client.tsx';

type Overview = ApiOutput['overview']['get'];
export type StepName = keyof Overview['firstRun'];

export interface Step {
  name: StepName;
  title: string;
  /** done: an observed fact with its time; next: the one to do now; later: an earlier one is missing */
  state: 'done' | 'next' | 'later';
  fact: { at: Date; name: string } | null;
  /** for `later`: number of the step that must come first */
  needs: number | null;
}

const TITLES: readonly { name: StepName; title: string }[] = [
  { name: 'workspace', title: 'Name your workspace' },
  { name: 'agent', title: 'Run an agent in your network' },
  { name: 'server', title: 'Add a server' },
  { name: 'profile', title: 'Publish a profile' },
  { name: 'call', title: 'Make a call from an AI client' },
];

/** The five steps with what was observed. A step counts as done only through its own fact, never through a later one. */
export function listFirstRunSteps(facts: Overview['firstRun']): Step[] {
  const firstOpen = TITLES.findIndex(({ name }) => facts[name] === null);
  return TITLES.map(({ name, title }, index) => {
    const fact = facts[name];
    if (fact) return { name, title, state: 'done', fact, needs: null };
    if (index === firstOpen) return { name, title, state: 'next', fact, needs: null };
    return { name, title, state: 'later', fact, needs: index };
  });
}
