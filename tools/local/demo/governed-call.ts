import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { openContext } from '@gatehouse/services/auth/open-context';
import { signIn } from '@gatehouse/services/auth/sign-in';
import { listReceipts } from '@gatehouse/services/receipt/list-receipts';
import type { Runtime } from '@gatehouse/services/runtime';

import { LocalError } from '../settings.ts';
import type { DemoFile } from './file.ts';
import { firstCall } from './plan.ts';
import { waitUntil } from './wait.ts';

/** Calls a tool through the profile's endpoint as an AI client would, and reads the receipt of that very call back from the control plane. */
export async function runGovernedCall(
  demo: DemoFile,
  runtime: Runtime,
): Promise<{ tool: string; outcome: string; argument: string; person: string }> {
  const profile = demo.profiles.find((candidate) => candidate.slug === firstCall.profile);
  const auditor = demo.users.find((user) => user.role === 'auditor');
  if (!profile || !auditor)
    throw new LocalError('.gatehouse/demo.json is incomplete. Delete the data folder and run npm start again.');
  const { userId } = await signIn({
    runtime,
    input: { email: auditor.email, password: auditor.password, ip: '127.0.0.1', userAgent: 'npm start' },
  });
  const ctx = await openContext({ runtime, input: { userId, tenantSlug: demo.tenant, requestId: 'npm-start' } });
  const from = new Date();

  const client = new Client({ name: 'gatehouse-start', version: '0.1.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(profile.mcpUrl), {
      requestInit: { headers: { authorization: `Bearer ${profile.apiKey}` } },
    }),
  );
  try {
    const result = await client.callTool({ name: firstCall.tool, arguments: firstCall.arguments });
    if (result.isError) throw new LocalError(`The first governed call failed: ${JSON.stringify(result.content)}`);
  } finally {
    await client.close();
  }
  const receipt = await waitUntil('the receipt of the governed call', async () => {
    const page = await listReceipts({ ctx, input: { from, limit: 20 } });
    return page.rows.find((row) => row.advertisedName === firstCall.tool && row.client?.startsWith('gatehouse-start'));
  });
  return {
    tool: firstCall.tool,
    outcome: receipt.outcome,
    argument: receipt.argumentsSummary ?? 'no arguments',
    person: receipt.person?.email ?? receipt.person?.name ?? 'someone',
  };
}
