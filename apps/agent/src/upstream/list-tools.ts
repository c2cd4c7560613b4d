import { ProtocolError, ProtocolErrorCode, type Client } from '@modelcontextprotocol/client';
import { z } from 'zod';

import { DEFINITION_LIMITS } from '@gatehouse/policy/definition-limits';

import { UpstreamFailure } from './failure.ts';

const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().max(8_192).nullish() });

/** All tools as the server sent them. A server without tools has none. Rejects with UpstreamFailure when it lists without end. */
export async function listTools(client: Client, signal: AbortSignal): Promise<unknown[]> {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < DEFINITION_LIMITS.pages; page += 1) {
    const answer = await listPage(client, cursor, signal);
    tools.push(...answer.tools);
    if (tools.length > DEFINITION_LIMITS.tools) break;
    if (!answer.nextCursor) return tools;
    cursor = answer.nextCursor;
  }
  throw new UpstreamFailure(
    'upstream_too_large',
    `The server lists more than ${DEFINITION_LIMITS.tools} tools or ${DEFINITION_LIMITS.pages} pages.`,
  );
}

async function listPage(client: Client, cursor: string | undefined, signal: AbortSignal): Promise<z.infer<typeof Page>> {
  try {
    return await client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, Page, { signal });
  } catch (error) {
    const none = cursor === undefined && error instanceof ProtocolError && error.code === ProtocolErrorCode.MethodNotFound;
    if (none) return { tools: [] };
    throw error;
  }
}
