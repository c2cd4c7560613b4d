import { createHash } from 'node:crypto';
import type http from 'node:http';

import type { z } from 'zod';

import {
  decodeJoinToken,
  ENROL_PATH,
  ENROL_ROOT_PATH,
  EnrolError,
  toEnrolmentBytes,
  type EnrolRequest,
  EnrolResponse,
  EnrolRootResponse,
  MAX_CLOCK_SKEW_MS,
} from '@gatehouse/protocol/enrolment';

import type { AgentFacts } from '../link/agent-facts.ts';
import { HubAddressError, openHubAgent, parseHubUrl, type HubNetwork } from '../link/hub-network.ts';
import { readIdentity, writeIdentity, type Identity } from '../state/identity.ts';
import { makeAgentKey, signWith } from '../state/keys.ts';
import { lockStateDir } from '../state/lock.ts';
import { parseJson } from '../state/parse-json.ts';
import { setAside } from '../state/set-aside.ts';
import { isSpentToken, rememberSpentToken } from '../state/spent-tokens.ts';
import { readStanding } from '../state/standing.ts';
import { openStateDir } from '../state/state-dir.ts';
import {
  describeClockSkew,
  describeNetworkError,
  describeRefusal,
  describeSpent,
  EnrolFailure,
  isOfSpentToken,
} from './enrol-failure.ts';
import { postToHub } from './hub-request.ts';

export interface EnrolOptions {
  token: string;
  network: HubNetwork;
  facts: AgentFacts;
  now: () => Date;
}

export interface Enrolled {
  identity: Identity;
  /** where everything of an agent is that was shut out and had the directory before */
  former: string | null;
}

/**
 * Enrols a state directory: joins a tenant and stores the identity. An agent that was revoked or quarantined makes way. Rejects with EnrolFailure,
 * also when the directory is enrolled already. A token that is
 * known here to be spent is shown to nobody. Rejects with StateDirError too.
 */
export async function enrolDirectory(path: string, options: EnrolOptions): Promise<Enrolled> {
  const dir = openStateDir(path);
  const lock = lockStateDir(dir);
  try {
    const before = readIdentity(dir);
    if (before && readStanding(dir) === 'good') {
      throw new EnrolFailure(
        'already_enrolled',
        `${path} is enrolled already, as ${before.agentName}. Set GATEHOUSE_DATA_DIR for another agent.`,
      );
    }
    if (isSpentToken(dir, options.token)) throw describeSpent();
    const identity = await enrolAgent(options).catch(async (error: unknown) => {
      if (error instanceof EnrolFailure && isOfSpentToken(error)) await rememberSpentToken(dir, options.token);
      throw error;
    });
    const former = before && (await setAside(dir, before, identity));
    await writeIdentity(dir, identity);
    await rememberSpentToken(dir, options.token);
    return { identity, former };
  } finally {
    lock.release();
  }
}

/**
 * Joins a tenant. First only the token's hash is shown and the tenant's key compared with the hash inside the token; the secret leaves
 * this machine only after that. The key pair is made here. Throws EnrolFailure; stores nothing.
 */
export async function enrolAgent(options: EnrolOptions): Promise<Identity> {
  const token = decodeJoinToken(options.token);
  if (!token) throw new EnrolFailure('not_a_token', 'This is not a join token. Copy the whole command from the console.');
  const hub = parseHub(token.hub);
  const agent = openHubAgent(hub, options.network);
  try {
    const root = await askForRoot(hub, agent, token.secret);
    const rootHash = createHash('sha256').update(Buffer.from(root.rootPublicKey, 'base64')).digest('hex');
    if (rootHash !== token.rootHash) {
      throw new EnrolFailure(
        'wrong_root',
        `${hub.host} did not show the key that the join token promises. The token was not sent.`,
      );
    }
    const now = options.now();
    const skewMs = now.getTime() - Date.parse(root.serverTime);
    if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS) throw describeClockSkew(skewMs);

    const key = makeAgentKey();
    const request: EnrolRequest = {
      secret: token.secret,
      publicKey: key.publicKey,
      proof: signWith(key.privateKey, toEnrolmentBytes({ secret: token.secret, publicKey: key.publicKey })),
      ...options.facts,
      clock: now.toISOString(),
    };
    const enrolled = await ask({ hub, agent, path: ENROL_PATH, body: request, answer: EnrolResponse });
    if (enrolled.tenantId !== root.tenantId) {
      throw new EnrolFailure(
        'wrong_root',
        `${hub.host} enrolled this agent in another tenant than it showed. Nothing was stored.`,
      );
    }
    return {
      format: 1,
      hub: token.hub,
      rootKeyId: root.rootKeyId,
      rootPublicKey: root.rootPublicKey,
      ...enrolled,
      ...key,
      enrolledAt: now.toISOString(),
    };
  } finally {
    agent.destroy();
  }
}

function parseHub(hub: string): URL {
  try {
    return parseHubUrl(hub);
  } catch (error) {
    if (error instanceof HubAddressError) throw new EnrolFailure('not_a_token', error.message, { cause: error });
    throw error;
  }
}

function askForRoot(hub: URL, agent: http.Agent, secret: string): Promise<EnrolRootResponse> {
  const tokenHash = createHash('sha256').update(secret).digest('hex');
  return ask({ hub, agent, path: ENROL_ROOT_PATH, body: { tokenHash }, answer: EnrolRootResponse });
}

async function ask<T>(options: { hub: URL; agent: http.Agent; path: string; body: unknown; answer: z.ZodType<T> }): Promise<T> {
  const reply = await postToHub(options).catch((error: unknown) => {
    throw describeNetworkError(options.hub, error);
  });
  if (reply.status === 200) {
    const answer = parseJson(reply.text, options.answer);
    if (answer) return answer;
  } else {
    const refusal = parseJson(reply.text, EnrolError);
    if (refusal) throw describeRefusal(refusal.code);
  }
  throw new EnrolFailure(
    'unreachable',
    `${options.hub.host} answered ${reply.status}, which is not a Gatehouse hub. Check the address.`,
  );
}
