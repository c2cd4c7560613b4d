import { z } from 'zod';

import { ResetMember, resetMember } from '@gatehouse/services/member/reset-member';

import { defineCommand } from '../command.ts';
import { describeLink } from '../describe-link.ts';
import { readWorkspaceEnv } from '../env.ts';
import { withRuntime } from '../with-runtime.ts';

const { tenantSlug: workspace, email } = ResetMember.shape;

export const userReset = defineCommand({
  words: ['user', 'reset'],
  summary: 'end the sessions of a member and print a link for a new password',
  details: [
    'As the owner of the database (DATABASE_URL), with the console’s address (NEXTAUTH_URL). For any member, also the only owner.',
    'With the password of before, another one has to be chosen before anything else.',
  ],
  options: {
    workspace: { value: 'SLUG', help: 'the workspace' },
    email: { value: 'E-MAIL', help: 'with which the person signs in' },
  },
  input: z.strictObject({ workspace, email }),
  async run({ workspace: tenantSlug, email: address }, { environment }) {
    const { DATABASE_URL: appDatabaseUrl, NEXTAUTH_URL } = readWorkspaceEnv(environment, { signs: false });
    const input = { tenantSlug, email: address };
    const { endedSessions, ...link } = await withRuntime({ appDatabaseUrl }, (runtime) => resetMember({ runtime, input }));
    const notes = [endedSessions === 1 ? 'One session was ended.' : `${endedSessions} sessions were ended.`];
    return describeLink(NEXTAUTH_URL, { kind: 'reset', ...link }, notes);
  },
});
