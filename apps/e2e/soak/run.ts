import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { startReferenceSite, type ReferenceSite } from '../conformance/site.ts';
import { keepCallingLarge, LargeCounts } from './large-calls.ts';
import { startLargeSite } from './large-site.ts';
import { sampleProcess, computeSlopePerMinute, type Sample } from './process-samples.ts';
import { keepCalling, SoakCounts } from './session.ts';

// `npm run soak -- --minutes 10 --sessions 200`: mixed calls of clients of both eras over both kinds of upstream, against the agent as it
// ships. A line each minute; ends with 1 on any error, wrong answer, or growth.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    sessions: { type: 'string', default: '200' },
    /** clients that make calls of 1 MB, to servers of which one dies, and do not read some of the answers; at an agent of their own */
    large: { type: 'string', default: '8' },
    /** mean pause of one session between two calls */
    'pause-ms': { type: 'string', default: '1000' },
  },
});
const minutes = Number(values.minutes);
const sessions = Number(values.sessions);
const pauseMs = Number(values['pause-ms']);
/** A shorter run is over before the memory of a warm process can be told from that of one that still warms up. */
const JUDGED_MINUTES = 10;
const SAMPLE_MS = 5_000;
const IDLE_MS = 120_000;
/** descriptors more than at the start that may stay open: the stdio upstream, kept connections */
const FEW = 20;
/** Growth of memory that counts as flat, of what is held, per minute. */
const FLAT_SHARE = 0.01;
/** Memory in the last fifth of a run with large calls, against the first, that counts as flat. */
const LARGE_FLAT = 1.15;

const print = (line: string) => void process.stdout.write(`${line}\n`);

const describe = (sample: Sample, { calls, errors, wrong, sessions: opened }: SoakCounts) =>
  `${String(Math.round(sample.at)).padStart(4)} s  ${calls} calls in ${opened} sessions, ${errors.length} errors, ${wrong.length} wrong; ` +
  `${sample.rssMb.toFixed(0)} MiB, ${sample.descriptors} descriptors, ${sample.children} child processes`;

/** Answers receipts as a hub does, but keeps only their number, so that this process does not grow. */
function countReceipts({ agent: { hub } }: ReferenceSite): { count: number } {
  const seen = { count: 0 };
  hub.script.handleAuditBatch = (connection, { spoolId, receipts }) => {
    const last = receipts.at(-1);
    if (!last) return;
    seen.count += receipts.length;
    connection.send({ type: 'audit-ack', spoolId, throughSeq: last.seq, headHash: last.hash });
    hub.wire.length = 0;
  };
  return seen;
}

async function takeSamples(pid: number, counts: SoakCounts, signal: AbortSignal): Promise<Sample[]> {
  const started = performance.now();
  const samples: Sample[] = [];
  let minute = 0;
  while (!signal.aborted) {
    await delay(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
    const sample = sampleProcess(pid, (performance.now() - started) / 1_000);
    samples.push(sample);
    if (sample.at >= (minute + 1) * 60) {
      minute += 1;
      print(describe(sample, counts));
    }
  }
  return samples;
}

/** Connections that are kept for the next call close by themselves; returns when they have, or after IDLE_MS with what is still held. */
async function waitForIdle(pid: number, before: Sample): Promise<Sample> {
  for (let waited = 0; ; waited += SAMPLE_MS) {
    const sample = sampleProcess(pid, minutes * 60 + waited / 1_000);
    if (waited >= IDLE_MS || sample.descriptors <= before.descriptors + FEW) return sample;
    await delay(SAMPLE_MS);
  }
}

/** Everything that speaks against the agent, one line each. */
function listProblems(samples: Sample[], counts: SoakCounts, idle: Sample, before: Sample): string[] {
  // The first half warms up: code is compiled, pools and caches fill. Descriptors follow the load, so they are judged when it is over.
  const later = samples.slice(Math.floor(samples.length / 2));
  const memory = computeSlopePerMinute(later, ({ rssMb }) => rssMb);
  const descriptors = computeSlopePerMinute(later, (sample) => sample.descriptors);
  const held = later.reduce((sum, { rssMb }) => sum + rssMb, 0) / Math.max(1, later.length);
  print(`second half: memory ${memory.toFixed(2)} MiB/min at ${held.toFixed(0)} MiB, descriptors ${descriptors.toFixed(1)}/min`);
  if (minutes < JUDGED_MINUTES) print(`memory is judged in runs of ${JUDGED_MINUTES} minutes or more`);
  print(`all sessions closed: ${idle.rssMb.toFixed(0)} MiB, ${idle.descriptors} descriptors, ${idle.children} child processes`);
  return [
    ...(counts.errors.length > 0 ? [`${counts.errors.length} errors, the first: ${counts.errors.slice(0, 5).join(' | ')}`] : []),
    ...(counts.wrong.length > 0
      ? [`${counts.wrong.length} wrong answers, the first: ${counts.wrong.slice(0, 5).join(' | ')}`]
      : []),
    ...(minutes >= JUDGED_MINUTES && memory > held * FLAT_SHARE ? [`memory grows by ${memory.toFixed(2)} MiB a minute`] : []),
    ...(idle.descriptors > before.descriptors + FEW ? [`${idle.descriptors - before.descriptors} descriptors stay open`] : []),
  ];
}

async function runSoak(): Promise<number> {
  const site = await startReferenceSite({ stdioProcesses: 'shared' });
  try {
    const receipts = countReceipts(site);
    const counts = new SoakCounts();
    const before = sampleProcess(site.agent.pid, 0);
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), minutes * 60_000);
    const callers = Array.from({ length: sessions }, (_, n) =>
      keepCalling(site.endpoints[n % 2 === 0 ? 'http' : 'stdio'], n % 4 < 2 ? 'legacy' : 'modern', {
        counts,
        pauseMs,
        signal: end.signal,
      }),
    );
    const sampling = takeSamples(site.agent.pid, counts, end.signal);
    await Promise.all(callers);
    clearTimeout(timer);
    const samples = await sampling;
    const idle = await waitForIdle(site.agent.pid, before);
    const problems = listProblems(samples, counts, idle, before);
    print(`${counts.calls} calls, ${counts.cancelled} cancelled by the client, ${receipts.count} receipts`);
    if (receipts.count < counts.calls) problems.push(`${counts.calls - receipts.count} calls have no receipt`);
    for (const problem of problems) print(`✗ ${problem}`);
    print(problems.length === 0 ? 'No error, no wrong answer, nothing grows.' : `${problems.length} problems`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await site.stop();
  }
}

/** Calls of 1 MB at an agent of their own, whose memory is held against that after the first tenth of the run. */
async function runLarge(): Promise<number> {
  const site = await startLargeSite();
  try {
    const counts = new LargeCounts();
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), minutes * 60_000);
    const callers = Array.from({ length: Number(values.large) }, () =>
      keepCallingLarge(site, { counts, pauseMs, signal: end.signal }),
    );
    const started = performance.now();
    const samples: Sample[] = [];
    while (!end.signal.aborted) {
      await delay(SAMPLE_MS, undefined, { signal: end.signal }).catch(() => undefined);
      samples.push(sampleProcess(site.agent.pid, (performance.now() - started) / 1_000));
      const { at, rssMb } = samples.at(-1) ?? { at: 0, rssMb: 0 };
      if (Math.floor(at / 60) > Math.floor((at - SAMPLE_MS / 1_000) / 60))
        print(`${at.toFixed(0)} s  ${counts.describe()}; ${rssMb.toFixed(0)} MiB`);
    }
    await Promise.all(callers);
    clearTimeout(timer);
    const [warm, held] = [samples.slice(0, samples.length / 5), samples.slice(-samples.length / 5)].map((some) =>
      Math.max(...some.map(({ rssMb }) => rssMb)),
    );
    print(`${counts.describe()}; at most ${warm?.toFixed(0)} MiB in the first fifth, ${held?.toFixed(0)} MiB in the last`);
    const problems = counts.problems.slice(0, 5);
    if (minutes >= JUDGED_MINUTES && warm && held && held > warm * LARGE_FLAT)
      problems.push('memory of the agent with large calls grows');
    for (const problem of problems) print(`✗ ${problem}`);
    const memory = minutes < JUDGED_MINUTES ? `memory is judged in runs of ${JUDGED_MINUTES} minutes or more` : 'memory is flat';
    if (problems.length === 0) print(`1 MB: no error that is not the server's, ${memory}.`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    await site.stop();
  }
}

const endings = await Promise.all([runSoak(), Number(values.large) > 0 ? runLarge() : 0]);
process.exitCode = Math.max(...endings);
