import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { encode } from 'next-auth/jwt';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { listen } from '@gatehouse/process/listen';
import { changePassword } from '@gatehouse/services/auth/change-password';
import { type CheckSession, checkSession } from '@gatehouse/services/auth/check-session';
import { openContext } from '@gatehouse/services/auth/open-context';
import { SessionChecker } from '@gatehouse/services/auth/session/session-checker';
import { signOut } from '@gatehouse/services/auth/session/sign-out';
import { removeMember } from '@gatehouse/services/member/remove-member';
import { signOutMember } from '@gatehouse/services/member/sign-out-member';

import { readSessionToken } from '../../src/server/auth/session-token.ts';
import { createConsoleServer } from '../../src/server/listener.ts';
import { issueToken, makeTenantWithEverything, openWorld, PASSWORD, type TestWorld } from './world.ts';

const proof = { secret: 'a secret of this test, long enough', secure: false };
const LARGE = 8 * 1024 * 1024;

let world: TestWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

type Token = { sid: string; uid: string };

/** The listener of a console on the world's database, and how many bytes it took of the last connection. */
async function start(isSignedIn?: (cookies: string | undefined) => Promise<boolean>) {
  const looks: string[] = [];
  const checker = new SessionChecker(async (session: CheckSession) => {
    looks.push(session.sessionId);
    return (await checkSession({ runtime: world.runtime, input: session })) !== null;
  });
  const answered: number[] = [];
  const server = createConsoleServer({
    trustedProxies: 0,
    log: pino({ level: 'silent' }),
    isSignedIn:
      isSignedIn ??
      (async (cookies) => {
        const token = await readSessionToken(cookies, proof);
        return token !== null && checker.isLive({ sessionId: token.sid, userId: token.uid });
      }),
    async handle(request, response) {
      answered.push((await text(request)).length);
      response.end('{}');
    },
  });
  let read = Promise.resolve(0);
  server.on('connection', (socket) => {
    read = once(socket, 'close').then(() => socket.bytesRead);
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  /** Sends a large body with a session's token, as far as it is taken. */
  async function send({ sid, uid }: Token): Promise<{ status: string; bytes: number }> {
    const cookie = `next-auth.session-token=${await encode({ token: { sid, uid }, secret: proof.secret })}`;
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    const first = once(socket, 'data');
    const head = `POST /t/acme/api/trpc/server.importOpenapi HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ${cookie}\r\n`;
    socket.write(`${head}Content-Length: ${LARGE}\r\n\r\n`);
    const part = Buffer.alloc(64 * 1024, 'x');
    for (let sent = 0; sent < LARGE && !socket.destroyed; sent += part.length)
      if (!socket.write(part)) await new Promise((go) => socket.once('drain', go).once('close', go));
    const [answer] = (await first) as [Buffer];
    return { status: answer.toString('latin1').slice(9, 12), bytes: await read };
  }
  return { send, answered, looks };
}

/** A member with a session, and the owner of the workspace. */
async function makeMember() {
  const tenant = await makeTenantWithEverything(world.fixtures);
  const member = await issueToken(world.runtime, tenant.memberEmail, tenant.slug);
  const input = { userId: tenant.token.uid, tenantSlug: tenant.slug, requestId: 'owner' };
  return { tenant, member, owner: await openContext({ runtime: world.runtime, input }) };
}

test.each<[string, (made: Awaited<ReturnType<typeof makeMember>>) => Promise<unknown>]>([
  ['was signed out', ({ member }) => signOut({ runtime: world.runtime, input: { sessionId: member.sid, userId: member.uid } })],
  [
    'ended with a change of the password',
    async ({ tenant, member }) =>
      changePassword({
        runtime: world.runtime,
        input: {
          userId: member.uid,
          sessionId: (await issueToken(world.runtime, tenant.memberEmail, tenant.slug)).sid,
          currentPassword: PASSWORD,
          newPassword: 'another horse battery staple',
        },
      }),
  ],
  [
    'was of a member who was removed',
    ({ tenant, owner }) => removeMember({ ctx: owner, input: { membershipId: tenant.ids.member } }),
  ],
  [
    'was of a member who was signed out',
    ({ tenant, owner }) => signOutMember({ ctx: owner, input: { membershipId: tenant.ids.member } }),
  ],
  [
    'has run out',
    async () => {
      const before = world.clock.now;
      world.clock.now = new Date(before.getTime() + 8 * 24 * 3_600_000);
      onTestFinished(() => void (world.clock.now = before));
    },
  ],
])('T-57: the token of a session that %s gets no room for a large body, and is cut early', async (_how, end) => {
  const made = await makeMember();
  const { send, answered, looks } = await start();
  expect(await send(made.member)).toMatchObject({ status: '200' });
  await end(made);
  const { status, bytes } = await send(made.member);
  expect(status).toBe('401');
  expect(bytes).toBeLessThan(LARGE / 2);
  expect(answered).toEqual([LARGE]);
  // the token again is no query again
  expect((await send(made.member)).status).toBe('401');
  expect(looks).toHaveLength(2);
});

test('T-57: while the database cannot say who is signed in, no large body is taken', async () => {
  const { send, answered } = await start(async () => Promise.reject(new Error('no database')));
  const { status, bytes } = await send({ sid: crypto.randomUUID(), uid: crypto.randomUUID() });
  expect(status).toBe('503');
  expect(bytes).toBeLessThan(LARGE / 2);
  expect(answered).toEqual([]);
});
