import { z } from 'zod';

import { resumeTenant, SuspendTenant, suspendTenant } from '@gatehouse/services/tenant/suspend-tenant';

import { defineCommand } from '../command.ts';
import { readWorkspaceEnv } from '../env.ts';
import { withRuntime } from '../with-runtime.ts';

const { tenantSlug: workspace } = SuspendTenant.shape;
const options = { workspace: { value: 'SLUG', help: 'the workspace' } };
const input = z.strictObject({ workspace });
const ROLE =
  'As the owner of the database (DATABASE_URL), with the console’s address (NEXTAUTH_URL) and its key-encryption key (GATEHOUSE_SIGNING_KEK).';

export const tenantSuspend = defineCommand({
  words: ['tenant', 'suspend'],
  summary: 'stop everything in a workspace: agents refuse every call, people read and change nothing',
  details: [ROLE],
  options,
  input,
  async run({ workspace: tenantSlug }, { environment }) {
    const { DATABASE_URL: appDatabaseUrl, GATEHOUSE_SIGNING_KEK: signingKek } = readWorkspaceEnv(environment, { signs: true });
    await withRuntime({ appDatabaseUrl, signingKek }, (runtime) => suspendTenant({ runtime, input: { tenantSlug } }));
    return { lines: [`${tenantSlug} is suspended.`], json: { workspace: tenantSlug, suspended: true } };
  },
});

export const tenantResume = defineCommand({
  words: ['tenant', 'resume'],
  summary: 'take a suspension back',
  details: [ROLE],
  options,
  input,
  async run({ workspace: tenantSlug }, { environment }) {
    const { DATABASE_URL: appDatabaseUrl, GATEHOUSE_SIGNING_KEK: signingKek } = readWorkspaceEnv(environment, { signs: true });
    await withRuntime({ appDatabaseUrl, signingKek }, (runtime) => resumeTenant({ runtime, input: { tenantSlug } }));
    return { lines: [`${tenantSlug} goes on.`], json: { workspace: tenantSlug, suspended: false } };
  },
});
