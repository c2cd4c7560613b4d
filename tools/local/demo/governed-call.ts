import { Client, ProtocolError, SdkHttpError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { ServiceContext } from '@gatehouse/services/context';
import { listReceipts } from '@gatehouse/services/receipt/list-receipts';

import { LocalError } from '../settings.ts';
import type { DemoFile } from './file.ts';
import { firstCall } from './plan.ts';
import { waitUntil } from './wait.ts';

/** The agent answered the call with a refusal, as it does when key, profile or tool were changed in the console. */
export class RefusedCall extends LocalError {}

/**
 * Calls a tool through the profile's endpoint as an AI client would, and reads the receipt of that very call back from the control plane, as
 * somebody who may read every receipt. Throws a RefusedCall when the call is refused.
 */
export async function runGovernedCall(
  demo: Pick<DemoFile, 'profiles'>,
  reader: ServiceContext,
): Promise<{ tool: string; outcome: string; argument: string; person: string }> {
  const profile = demo.profiles.find((candidate) => candidate.slug === firstCall.profile);
  if (!profile) throw new LocalError(`demo.json names no profile ${firstCall.profile}.`);
  const from = new Date();
  await callTool(profile);
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

async function callTool({ mcpUrl, apiKey }: DemoFile['profiles'][number]): Promise<void> {
  const client = new Client({ name: 'gatehouse-start', version: '0.1.0' });
  const requestInit = { headers: { authorization: `Bearer ${apiKey}` } };
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), { requestInit }));
    const result = await client.callTool({ name: firstCall.tool, arguments: firstCall.arguments });
    if (result.isError) throw new RefusedCall(`The first governed call failed: ${JSON.stringify(result.content)}`);
  } catch (cause) {
    if (!isRefusal(cause)) throw cause;
    throw new RefusedCall(`The first governed call was refused: ${cause.message}`, { cause });
  } finally {
    await client.close();
  }
}

/** Key, profile (HTTP 401, 403, 404) or tool (an error of the protocol) are refused; an agent that is not there refuses nothing. */
function isRefusal(error: unknown): error is ProtocolError | SdkHttpError {
  return error instanceof ProtocolError || (error instanceof SdkHttpError && [401, 403, 404].includes(error.status ?? 0));
}
