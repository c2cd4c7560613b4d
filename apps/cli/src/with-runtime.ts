import pino from 'pino';

import { openRuntime, type Runtime, type RuntimeOptions } from '@gatehouse/services/runtime';

type Options = Pick<RuntimeOptions, 'appDatabaseUrl' | 'signingKek' | 'redisUrl'>;

/** Opens what the verbs work with for the time of one call. Nothing is logged: what goes wrong is told by the command. */
export async function withRuntime<T>(options: Options, use: (runtime: Runtime) => Promise<T>): Promise<T> {
  const runtime = await openRuntime({
    ...options,
    // only join tokens carry it, and none is made here
    hubPublicUrl: 'ws://127.0.0.1',
    log: pino({ level: 'silent' }),
    poolSize: 1,
  });
  try {
    return await use(runtime);
  } finally {
    await runtime.close();
  }
}
