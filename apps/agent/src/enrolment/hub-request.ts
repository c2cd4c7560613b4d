import http from 'node:http';
import https from 'node:https';

import { AGENT_FEATURES, FEATURES_HEADER } from '@gatehouse/protocol/features';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** One POST of JSON to the hub over `agent`. Rejects on network errors, oversized answers and after 15 s. */
export function postToHub(options: {
  hub: URL;
  path: string;
  body: unknown;
  agent: http.Agent;
}): Promise<{ status: number; text: string }> {
  const { hub, path, body, agent } = options;
  const secure = hub.protocol === 'wss:';
  const url = new URL(path, `${secure ? 'https' : 'http'}://${hub.host}`);
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, {
      method: 'POST',
      agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'content-type': 'application/json', accept: 'application/json', [FEATURES_HEADER]: AGENT_FEATURES.join(' ') },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    request.end(JSON.stringify(body));
  });
}

async function readAll(response: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`The answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
