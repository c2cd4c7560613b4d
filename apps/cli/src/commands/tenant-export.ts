import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { ExportAsOperator, exportTenantAsOperator } from '@gatehouse/services/tenant/export-tenant';

import { defineCommand } from '../command.ts';
import { readWorkspaceEnv } from '../env.ts';
import { describeFault } from '../fault.ts';
import { withRuntime } from '../with-runtime.ts';

const { tenantSlug: workspace } = ExportAsOperator.shape;

export const tenantExport = defineCommand({
  words: ['tenant', 'export'],
  summary: 'write all that is kept of a workspace into a file, without secrets',
  details: [
    'As the owner of the database (DATABASE_URL), with the console’s address (NEXTAUTH_URL). Lines of JSON, receipts last.',
  ],
  options: {
    workspace: { value: 'SLUG', help: 'the workspace' },
    out: { value: 'FILE', help: 'made new, for its owner alone; one that is there is never written over' },
  },
  input: z.strictObject({ workspace, out: z.string().min(1) }),
  async run({ workspace: tenantSlug, out }, { environment }) {
    const { DATABASE_URL: appDatabaseUrl } = readWorkspaceEnv(environment, { signs: false });
    await withRuntime({ appDatabaseUrl }, async (runtime) => {
      const lines = await exportTenantAsOperator({ runtime, input: { tenantSlug } });
      const file = createWriteStream(out, { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(lines, file).catch((cause: unknown) => {
        throw new Error(`${out} cannot be written: ${describeFault(cause)}.`, { cause });
      });
    });
    return { lines: [out], json: { workspace: tenantSlug, file: out } };
  },
});
