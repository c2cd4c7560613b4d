import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../../pilot/src/main.ts', import.meta.url));

/** The orders team's own server as a process of its own, on a free port. Ended when the test is over. */
export async function startPilot(token = 'the-orders-token') {
  const child = spawn(process.execPath, [MAIN], {
    env: { ORDERS_PORT: '0', ORDERS_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  const origin = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.once('exit', (code) => reject(new Error(`the pilot ended with ${code}: ${said}`)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (found) resolve(found);
    });
  });
  const description = async () => (await fetch(`${origin}/api/openapi.json`)).text();
  return { origin, baseUrl: `${origin}/api`, token, description };
}
