import type { Logger } from 'pino';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { DiscoveryErrorCode, DiscoveryOutcome, DiscoveryStep } from '@gatehouse/protocol/messages';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import type { SiteSecrets } from '../secrets/site-secrets.ts';
import { runWithin } from '../upstream/abort.ts';
import type { Connection } from '../upstream/client/connection.ts';
import { timeServer, type UpstreamDeps } from '../upstream/client/dialer.ts';
import { toUpstreamFailure, UpstreamFailure } from '../upstream/failure.ts';
import { inspectApi } from './inspect-api.ts';
import { inspectServer } from './inspect-server.ts';
import { describeLeftOut } from './left-out-words.ts';
import { readOffer } from './read-offer.ts';

export interface DiscoveryDeps extends UpstreamDeps {
  /** reasons why this agent may not go to the server; empty when it may */
  listRefusals: (server: SnapshotServer) => string[];
  secrets: Pick<SiteSecrets, 'refresh' | 'explain'>;
  /** taken out of text that a server chose; definitions leave the site as they are, because they are pinned, or not at all */
  credentials: CredentialScrub;
  log: Logger;
}

/** One step, as the hub is told of it. */
export interface Step extends DiscoveryStep {
  /** takes the place of `detail` for a hub that is not told what was left out part by part */
  inOneText?: string | undefined;
}

export interface DiscoveryControl {
  onProgress: (step: Step) => void;
  signal: AbortSignal;
}

/** For what stands before and after the server itself: names, credentials, and reading what it listed. */
const OWN_MS = 10_000;

/**
 * Inspects one server for a review: can it be reached, does it speak MCP, what does it offer. Nothing that is found can be called.
 * Resolves with the outcome also when that is a failure; leaves no connection and no process behind.
 */
export async function runDiscovery(
  server: SnapshotServer,
  deps: DiscoveryDeps,
  control: DiscoveryControl,
): Promise<DiscoveryOutcome> {
  const stages = new Stages(control.onProgress);
  try {
    const { start, answer } = timeServer(server, deps).limits;
    return await runWithin(start.ms + answer.ms + OWN_MS, control.signal, (signal) => discover(server, deps, stages, signal));
  } catch (error) {
    const failure = toUpstreamFailure(error);
    // without the server's own words: who signs the order to look chooses the address, and would read there
    const message = deps.credentials.scrubText(failure.message);
    deps.log.info({ err: error, server: server.slug }, 'discovery failed');
    stages.fail(message);
    return { status: 'failed', code: toDiscoveryCode(failure), message };
  }
}

async function discover(
  server: SnapshotServer,
  deps: DiscoveryDeps,
  stages: Stages,
  signal: AbortSignal,
): Promise<DiscoveryOutcome> {
  stages.start('resolve');
  const [refusal] = deps.listRefusals(server);
  if (refusal !== undefined) throw new UpstreamFailure('guardrail', refusal);
  // what another server may echo is known before this one is asked anything
  await deps.secrets.refresh();
  const missing = await deps.secrets.explain(server);
  if (missing !== null) throw new UpstreamFailure('credential_unavailable', missing);
  const { transport } = server;
  if (transport.kind === 'http') await deps.outbound.check(new URL(transport.url));
  if (transport.kind === 'rest') {
    await deps.outbound.check(new URL(transport.baseUrl));
    stages.start('connect');
    const outcome = await inspectApi({ ...server, transport }, deps, signal);
    stages.start('done');
    stages.pass();
    return outcome;
  }

  stages.start('connect');
  // oxlint-disable-next-line gatehouse/mcp-method-is-named -- the stage of that name
  const inspection = await inspectServer(server, deps, { signal, onConnected: () => stages.start('initialize') });
  const { connection } = inspection;
  try {
    stages.start('list');
    const { agentVersion, credentials } = deps;
    const { told, ...offer } = await readOffer(inspection, { agentVersion, credentials, signal });
    const [found, ...others] = told.found;
    const inOneText = [found, ...describeLeftOut(offer.leftOut), ...told.unfit, ...others].join('; ');
    deps.log.info({ server: server.slug, found: credentials.scrubText(inOneText) }, 'looked at what a server offers');
    stages.start('done', {
      detail: credentials.scrubText(told.found.join('; ')),
      inOneText: credentials.scrubText(inOneText),
    });
    stages.pass();
    return { status: 'succeeded', ...describeServer(connection, credentials), ...offer };
  } finally {
    await connection.close().catch((error: unknown) => deps.log.debug({ err: error }, 'upstream not closed'));
  }
}

/** Stages in their order; starting one passes the one before. A stage that was entered is not entered again. */
class Stages {
  readonly #report: (step: Step) => void;
  #current: DiscoveryStep['stage'] | null = null;

  constructor(report: (step: Step) => void) {
    this.#report = report;
  }

  /** `found`: what the stage before found */
  start(stage: DiscoveryStep['stage'], found?: Pick<Step, 'detail' | 'inOneText'>): void {
    if (this.#current === stage) return;
    this.pass(found);
    this.#current = stage;
    this.#report({ stage, status: 'started' });
  }

  pass(found?: Pick<Step, 'detail' | 'inOneText'>): void {
    if (this.#current) this.#report({ stage: this.#current, status: 'passed', ...found });
  }

  fail(detail: string): void {
    this.#report({ stage: this.#current ?? 'resolve', status: 'failed', detail });
  }
}

function describeServer({ server: { protocolVersion, serverInfo } }: Connection, credentials: CredentialScrub) {
  const { name, version, title } = serverInfo;
  const [cleanName, cleanVersion] = [credentials.scrubText(name), credentials.scrubText(version)];
  return {
    protocolVersion,
    serverInfo: { name: cleanName, version: cleanVersion, title: title === undefined ? undefined : credentials.scrubText(title) },
  };
}

function toDiscoveryCode({ code, status }: UpstreamFailure): DiscoveryErrorCode {
  switch (code) {
    case 'guardrail':
      return 'guardrail';
    case 'credential_unavailable':
      return status === 401 || status === 403 ? 'unauthorized' : 'credential_unavailable';
    case 'upstream_unreachable':
      return 'unreachable';
    case 'upstream_timeout':
      return 'timeout';
    case 'upstream_too_large':
      return 'too_large';
    case 'upstream_protocol':
      return 'not_mcp';
    case 'cancelled':
    case 'identity_revoked':
    case 'agent_revoked':
    case 'agent_quarantined':
    case 'tool_not_approved':
      return 'internal';
  }
}
