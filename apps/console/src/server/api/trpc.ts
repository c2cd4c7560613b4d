import { initTRPC, TRPCError } from '@trpc/server';
import { z } from 'zod';

import { getMetrics } from '../ops/metrics.ts';
import type { ApiContext } from './context.ts';
import { findEditConflict, findField, toTransportError } from './error-map.ts';
import { transformer } from './transformer.ts';

const t = initTRPC
  .context<ApiContext>()
  .meta<{ schema?: z.ZodType }>()
  .create({
    transformer,
    isDev: false,
    sse: {
      // Ends now and then, so that a reconnect proves the session again.
      maxDurationMs: 10 * 60_000,
      ping: { enabled: true, intervalMs: 10_000 },
      client: { reconnectAfterInactivityMs: 25_000 },
    },
    errorFormatter: ({ shape, error, ctx }) => {
      const { cause } = error;
      const about = { field: findField(cause), editConflict: findEditConflict(cause) };
      return { ...shape, data: { ...shape.data, reference: ctx?.requestId ?? null, ...about } };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

const measure = t.middleware(async ({ path, type, next }) => {
  const stop = getMetrics().procedureSeconds.startTimer({ path, type });
  const result = await next();
  stop({ result: result.ok ? 'ok' : result.error.code });
  return result;
});

const mapErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (!result.ok) throw toTransportError(result.error, { log: ctx.runtime.log, requestId: ctx.requestId, path });
  return result;
});

const requireSameOrigin = t.middleware(({ ctx, type, next }) => {
  if (type === 'mutation' && !ctx.sameOrigin) {
    throw new TRPCError({
      code: 'FORBIDDEN',
      message: 'Changes are accepted only from the console itself. Open it at its own address and try again.',
    });
  }
  return next();
});

/** Whoever asks: for those who hold a link and have no session yet. */
export const anyone = t.procedure.use(measure).use(mapErrors).use(requireSameOrigin);

/** A signed-in person, no tenant yet. */
export const signedIn = anyone.use(async ({ ctx, next }) => {
  const user = await ctx.findUser();
  if (!user) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Your session has ended. Sign in again.' });
  return next({ ctx: { user } });
});

const ofMember = signedIn.use(async ({ ctx, next }) => next({ ctx: { service: await ctx.openService(ctx.user) } }));

/** What a page has to send; nothing of it is judged here, because a verb asks for the role before it parses. */
const takeUnjudged = <S extends z.ZodType>(schema: S) => ofMember.meta({ schema }).input(z.custom<z.input<S>>());

/**
 * A signed-in person in the tenant of the URL: `ctx.service` is what every verb takes. A tenant that does not exist and one that the
 * person does not belong to give the same answer. Permissions are the verbs' business, and so is the input: who may not act hears that,
 * whatever was sent.
 */
export const inTenant: Pick<typeof ofMember, 'query' | 'mutation' | 'subscription'> & { input: typeof takeUnjudged } = {
  ...ofMember,
  input: takeUnjudged,
};
