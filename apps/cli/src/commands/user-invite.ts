import { z } from 'zod';

import { CreateOperatorLink, createOperatorLink } from '@gatehouse/services/member/create-operator-link';

import { defineCommand } from '../command.ts';
import { describeLink } from '../describe-link.ts';
import { readWorkspaceEnv } from '../env.ts';
import { withRuntime } from '../with-runtime.ts';

const { tenantSlug: workspace, email, role } = CreateOperatorLink.shape;

export const userInvite = defineCommand({
  words: ['user', 'invite'],
  summary: 'print a link by which somebody joins a workspace',
  details: [
    'As the owner of the database (DATABASE_URL), with the console’s address (NEXTAUTH_URL). Workspaces invite their people themselves, under Members;',
    'a link of the operator was in nobody’s hand there, so that the account is certainly a person of its own (two persons decide).',
  ],
  options: {
    workspace: { value: 'SLUG', help: 'the workspace' },
    email: { value: 'E-MAIL', help: 'with which the person will sign in' },
    role: { value: 'ROLE', help: `one of ${role.unwrap().options.join(', ')}` },
  },
  input: z.strictObject({ workspace, email, role: role.unwrap() }),
  async run({ workspace: tenantSlug, ...person }, { environment }) {
    const { DATABASE_URL: appDatabaseUrl, NEXTAUTH_URL } = readWorkspaceEnv(environment, { signs: false });
    const link = await withRuntime({ appDatabaseUrl }, (runtime) =>
      createOperatorLink({ runtime, input: { tenantSlug, ...person } }),
    );
    const notes = link.kind === 'reset' ? ['This person is a member already: the link is for a new password.'] : [];
    return describeLink(NEXTAUTH_URL, link, notes);
  },
});
