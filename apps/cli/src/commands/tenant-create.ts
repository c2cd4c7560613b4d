import { z } from 'zod';

import { CreateTenant, createTenant } from '@gatehouse/services/tenant/create-tenant';

import { defineCommand } from '../command.ts';
import { describeLink } from '../describe-link.ts';
import { readWorkspaceEnv } from '../env.ts';
import { withRuntime } from '../with-runtime.ts';

const { slug, name, ownerEmail: owner } = CreateTenant.shape;

export const tenantCreate = defineCommand({
  words: ['tenant', 'create'],
  summary: 'make a workspace and print the link by which its first owner joins',
  details: [
    'As the owner of the database (DATABASE_URL), with the console’s address (NEXTAUTH_URL) and its key-encryption key (GATEHOUSE_SIGNING_KEK).',
    'The link is all that is printed on standard output.',
  ],
  options: {
    slug: { value: 'SLUG', help: 'short name in addresses: a-z, 0-9 and hyphens' },
    name: { value: 'NAME', help: 'the name that people read' },
    owner: { value: 'E-MAIL', help: 'with which the first owner signs in' },
  },
  input: z.strictObject({ slug, name, owner }),
  async run({ owner: ownerEmail, ...workspace }, { environment }) {
    const env = readWorkspaceEnv(environment, { signs: true });
    const { DATABASE_URL: appDatabaseUrl, GATEHOUSE_SIGNING_KEK: signingKek } = env;
    const input = { ...workspace, ownerEmail };
    const link = await withRuntime({ appDatabaseUrl, signingKek }, (runtime) => createTenant({ runtime, input }));
    return describeLink(env.NEXTAUTH_URL, { kind: 'invitation', ...link });
  },
});
