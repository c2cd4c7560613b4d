import { z } from 'zod';

import type { Connection } from './connect.ts';
import type { ToolCall } from './http-call.ts';

/** The caller's own deadline ends a call, not the SDK's. */
const NO_DEADLINE_MS = 2 ** 31 - 1;

/** One `tools/call` over the pipe that all calls of this server share. Resolves with the result as the server sent it. */
export function callOverStdio(connection: Connection, call: ToolCall, signal: AbortSignal): Promise<unknown> {
  const params = { name: call.name, arguments: call.arguments };
  return connection.client.request({ method: 'tools/call', params }, z.unknown(), { signal, timeout: NO_DEADLINE_MS });
}
