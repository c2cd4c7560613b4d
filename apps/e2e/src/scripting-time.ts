import type { Page } from '@playwright/test';
import { z } from 'zod';

/** What the browser's tracing calls running of scripts. */
const SCRIPTING = new Set([
  'EvaluateScript',
  'FunctionCall',
  'RunMicrotasks',
  'EventDispatch',
  'TimerFire',
  'FireAnimationFrame',
  'FireIdleCallback',
  'XHRReadyStateChange',
  'HandlePostMessage',
]);

/** What tracing calls the thread of a page. */
const PAGE_THREAD = 'CrRendererMain';

const ThreadName = z.looseObject({
  name: z.literal('thread_name'),
  pid: z.number(),
  tid: z.number(),
  args: z.looseObject({ name: z.string() }),
});

const TraceEvent = z.looseObject({
  name: z.string(),
  ph: z.string(),
  ts: z.number(),
  dur: z.number().optional(),
  pid: z.number(),
  tid: z.number(),
});

/** Scripting of an interaction, milliseconds: all of it, and the longest stretch without a pause. */
export interface ScriptingTime {
  total: number;
  longest: number;
}

/** Traces the page from before `act` until it is done, and adds up for how long scripts ran in its own thread: a worker holds nothing up. */
export async function measureScripting(page: Page, act: () => Promise<unknown>): Promise<ScriptingTime> {
  const session = await page.context().newCDPSession(page);
  const events: z.infer<typeof TraceEvent>[] = [];
  const pageThreads = new Set<string>();
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const each of value) {
      const { data: named } = ThreadName.safeParse(each);
      if (named?.args.name === PAGE_THREAD) pageThreads.add(`${named.pid} ${named.tid}`);
      const { data } = TraceEvent.safeParse(each);
      if (data && data.ph === 'X' && SCRIPTING.has(data.name)) events.push(data);
    }
  });
  await session.send('Tracing.start', {
    traceConfig: { includedCategories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] },
  });
  await act();
  const complete = new Promise<void>((resolve) => {
    session.once('Tracing.tracingComplete', () => resolve());
  });
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const byThread = Map.groupBy(events, ({ pid, tid }) => `${pid} ${tid}`);
  const threads = [...byThread].filter(([thread]) => pageThreads.has(thread)).map(([, own]) => addUp(own));
  return threads.reduce((most, each) => (each.total > most.total ? each : most), { total: 0, longest: 0 });
}

/** Events lie in each other: what two of them cover counts once. */
function addUp(events: readonly z.infer<typeof TraceEvent>[]): ScriptingTime {
  let [end, total, longest] = [0, 0, 0];
  for (const { ts, dur = 0 } of events.toSorted((a, b) => a.ts - b.ts)) {
    const own = Math.max(0, ts + dur - Math.max(ts, end));
    total += own;
    longest = Math.max(longest, own);
    end = Math.max(end, ts + dur);
  }
  return { total: total / 1_000, longest: longest / 1_000 };
}
