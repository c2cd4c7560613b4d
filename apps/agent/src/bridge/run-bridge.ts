import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import type { BridgeEnv } from '../env.ts';
import { createLineReader } from '../upstream/stdio/line-reader.ts';
import { Bridge } from './bridge.ts';
import { parseProfileUrl, ProfileEndpoint } from './profile-endpoint.ts';

export interface BridgeStreams {
  input: Readable;
  output: Writable;
  /** for people: nothing but messages may stand on the output */
  errors: Writable;
}

const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Bridges the streams to a profile until the input ends or nobody reads the output. Throws BridgeAddressError. */
export async function runBridge(profileUrl: string, env: BridgeEnv, { input, output, errors }: BridgeStreams): Promise<void> {
  const endpoint = new ProfileEndpoint({
    url: parseProfileUrl(profileUrl),
    clientKey: env.clientKey,
    ca: env.caFile === null ? [] : [readFileSync(env.caFile, 'utf8')],
    proxyEnvironment: env.proxyEnvironment,
  });
  const tell = (line: string) => {
    errors.write(`gatehouse-agent connect: ${line.replaceAll(env.clientKey, '…').replaceAll(/\p{C}/gu, '?')}\n`);
  };
  const bridge = new Bridge({
    endpoint,
    async write(line) {
      if (!output.write(`${line}\n`) && !output.destroyed) await once(output, 'drain');
    },
    tell,
  });
  const tooLong = () => tell(`A line of more than ${MAX_LINE_BYTES / 1024 / 1024} MB was dropped.`);
  // cut at line feeds alone: other characters that end a line may stand inside a message
  input.on(
    'data',
    createLineReader(MAX_LINE_BYTES, { onLine: (line) => bridge.take(line.toString('utf8')), onTooLong: tooLong }),
  );
  const gone = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) input.once(event, () => resolve());
    for (const event of ['close', 'error']) output.once(event, () => resolve()); // nobody reads any more
  });
  await gone;
  input.destroy();
  await bridge.close();
}
