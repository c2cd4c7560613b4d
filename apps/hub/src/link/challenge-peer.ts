import { randomBytes } from 'node:crypto';

import { decodeAgentFrame, buildRejection, type Frame } from '@gatehouse/protocol/codec';
import { negotiateFeatures, HUB_FEATURES, PROTOCOL_VERSION, type Feature } from '@gatehouse/protocol/features';
import { CloseCode, type Authenticate, type Rejected } from '@gatehouse/protocol/messages';
import { authenticateAgent, type WelcomeFacts } from '@gatehouse/services/agent/authenticate-agent';
import type { ServiceContext } from '@gatehouse/services/context';
import type { Runtime } from '@gatehouse/services/runtime';

import type { AgentSocket } from './agent-socket.ts';
import { toRejected } from './refusal.ts';

export interface HandshakeDeps {
  runtime: Runtime;
  /** host[:port] that agents dial */
  audience: string;
  handshakeMs: number;
  /** what the peer is challenged in */
  protocol: number;
}

/** An agent that proved who it is; everything that is done for it uses this context and nothing from its messages. */
export interface Proven {
  ctx: ServiceContext;
  welcome: WelcomeFacts;
  epoch: number;
  /** what both sides can do */
  features: ReadonlySet<Feature>;
}

type Outcome = { ok: true; proven: Proven } | { ok: false; answer: Rejected };

/**
 * Challenges the peer and welcomes it. Null when it did not prove itself: then it has been told why and is being closed. A peer that left
 * after its proof is returned like any other, because its connection is on record.
 */
export async function challengePeer(socket: AgentSocket, deps: HandshakeDeps): Promise<Proven | null> {
  const { runtime, handshakeMs, protocol } = deps;
  const nonce = randomBytes(24).toString('base64url');
  const answered = socket.readFrame(handshakeMs);
  const features = protocol >= 2 && { features: [...HUB_FEATURES] };
  socket.send({ type: 'challenge', protocol, nonce, serverTime: runtime.now().toISOString(), ...features });
  const frame = await answered;
  if (!frame) {
    socket.close(CloseCode.violation);
    return null;
  }
  socket.readFrames(() => socket.refuse(buildRejection(null, 'unexpected', 'Wait for the welcome before sending more.')));
  const outcome = await verifyProof(frame, nonce, deps);
  if (!outcome.ok) {
    socket.refuse(outcome.answer);
    return null;
  }
  socket.send({ type: 'welcome', ...outcome.proven.welcome, serverTime: runtime.now().toISOString() });
  return outcome.proven;
}

async function verifyProof(frame: Frame, nonce: string, { runtime, audience, protocol }: HandshakeDeps): Promise<Outcome> {
  const decoded = decodeAgentFrame(frame);
  if (!decoded.ok) return decoded;
  if (decoded.message.type !== 'authenticate') {
    return { ok: false, answer: buildRejection(decoded.message.type, 'unexpected', 'Answer the challenge first.') };
  }
  const { type, protocol: spoken, features: named, ...proof } = decoded.message;
  const answer = checkTerms({ protocol: spoken, audience: proof.audience }, { protocol, audience });
  if (answer) return { ok: false, answer };
  try {
    const features = negotiateFeatures(HUB_FEATURES, named);
    const { ctx, welcome } = await authenticateAgent({ runtime, input: { ...proof, features: [...features], nonce } });
    return { ok: true, proven: { ctx, welcome, epoch: proof.epoch, features } };
  } catch (error) {
    return { ok: false, answer: toRejected(error, type, runtime.log.child({ agentId: proof.agentId })) };
  }
}

type Terms = Pick<Authenticate, 'protocol' | 'audience'>;

function checkTerms(said: Terms, asked: Terms): Rejected | null {
  if (said.protocol !== asked.protocol) {
    const message = `This hub speaks protocol ${PROTOCOL_VERSION} and asked for ${asked.protocol}. Update the agent.`;
    return buildRejection('authenticate', 'unsupported_protocol', message);
  }
  if (said.audience === asked.audience) return null;
  return buildRejection('authenticate', 'unauthenticated', `This hub is ${asked.audience}, the agent dialled another address.`);
}
