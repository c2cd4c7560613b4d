import type { Guardrails } from './config/guardrails/guardrails.ts';
import { listEntryProblems } from './config/guardrails/stdio-entry.ts';
import type { AgentEnv } from './env.ts';
import { openSecrets } from './open-secrets.ts';
import { listOwnPaths } from './own-paths.ts';
import type { SiteSecrets } from './secrets/site-secrets.ts';
import { StdioEntries } from './upstream/stdio/stdio-entries.ts';

export interface Site {
  secrets: SiteSecrets;
  stdio: StdioEntries;
  /** what of the credentials and programs cannot be used on this machine */
  problems: string[];
  /** the same of the files of programs, which have to be read for that */
  checked: Promise<string[]>;
}

/** What this machine has of what the guardrails allow, for an agent that starts and for who asks what is wrong: both are told the same. */
export async function openSite(env: AgentEnv, guardrails: Guardrails, onSecret: (value: string) => void): Promise<Site> {
  const { secrets, problems } = await openSecrets(env, guardrails, onSecret);
  const { environment } = env;
  const stdio = await StdioEntries.open({ entries: guardrails.stdio, environment, ownPaths: listOwnPaths(env, guardrails) });
  const files = Promise.all(Array.from(guardrails.stdio, ([name, entry]) => listEntryProblems(name, entry)));
  return { secrets, stdio, problems: [...problems, ...stdio.listRefusals()], checked: files.then((found) => found.flat()) };
}
