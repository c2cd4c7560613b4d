import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { ServiceContext } from '@gatehouse/services/context';
import { listReceipts } from '@gatehouse/services/receipt/list-receipts';

import { LocalError } from '../settings.ts';
import type { DemoFile } from './file.ts';
import { firstCall } from './plan.ts';
import { waitUntil } from './wait.ts';

/**
 * Calls a tool through the profile's endpoint as an AI client would, and reads the receipt of that very call back from the control plane, as
 * somebody who may read every receipt.
 */
export async function runGovernedCall(
  demo: DemoFile,
  reader: ServiceContext,
): Promise<{ tool: string; outcome: string; argument: string; person: string }> {
  const profile = demo.profiles.find((candidate) => candidate.slug === firstCall.profile);
  if (!profile) throw new LocalError(`demo.json names no profile ${firstCall.profile}.`);
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
    const page = await listReceipts({ ctx: reader, input: { from, limit: 20 } });
    return page.rows.find((row) => row.advertisedName === firstCall.tool && row.client?.startsWith('gatehouse-start'));
  });
  return {
    tool: firstCall.tool,
    outcome: receipt.outcome,
    argument: receipt.argumentsSummary ?? 'no arguments',
    person: receipt.person?.email ?? receipt.person?.name ?? 'someone',
  };
}
