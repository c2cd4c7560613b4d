import { expect, test } from 'vitest';

import type { SnapshotEntry, SnapshotProfile } from '@gatehouse/policy/documents/profile';
import { makePrompt } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectFullV1, createMessageReader, postModern, openSession, post } from '../support/clients/clients.ts';
import { makeFullProfile, startFullLegacyServer, startFullModernServer } from '../support/servers/full-servers.ts';

const SERVERS = { legacy: startFullLegacyServer, modern: startFullModernServer };

async function startGatewayTo(era: keyof typeof SERVERS) {
  const upstream = await SERVERS[era]();
  const { server, profile } = makeFullProfile(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  return { ...gateway, upstream, server, profile };
}

const getSubscriptionId = (message: Record<string, unknown>) =>
  (message as { params: { _meta: Record<string, unknown> } }).params._meta['io.modelcontextprotocol/subscriptionId'];

for (const era of ['legacy', 'modern'] as const) {
  test(`a session hears of the resources of a ${era} server that it subscribed to, until it unsubscribes`, async () => {
    const gateway = await startGatewayTo(era);
    const { client } = await connectFullV1(gateway.url, gateway.secret);
    const session = await openSession(gateway.url, gateway.secret);
    const stream = createMessageReader(await fetch(gateway.url, { headers: { ...session, accept: 'text/event-stream' } }));
    const ask = async (method: string, uri: string) =>
      (await post(gateway.url, { jsonrpc: '2.0', id: 1, method, params: { uri } }, session)).json();
    expect(client.getServerCapabilities()?.resources).toEqual({ subscribe: true, listChanged: true });
    expect(await ask('resources/subscribe', 'file:///etc/passwd')).toMatchObject({ error: { code: -32002 } });
    expect(await ask('resources/subscribe', 'memo://one')).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    expect(await ask('resources/subscribe', 'memo://two')).toEqual({ jsonrpc: '2.0', id: 1, result: {} });

    // a subscription at a modern server begins a moment after its answer
    const updates = setInterval(() => {
      void gateway.upstream.update('memo://three');
      void gateway.upstream.update('memo://one');
    }, 20);
    expect(await stream.next()).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri: 'memo://one' },
    });
    clearInterval(updates);

    expect(await ask('resources/unsubscribe', 'memo://one')).toMatchObject({ result: {} });
    expect(await ask('resources/unsubscribe', 'memo://never')).toMatchObject({ result: {} });
    if (era === 'legacy') expect(gateway.upstream.subscribed).toEqual(['memo://two']);
    await stream.cancel();
    expect(gateway.journal.finished).toEqual([]);
  });

  test(`a listening client hears of what it asked for at a ${era} server, each message with its id`, async () => {
    const gateway = await startGatewayTo(era);
    const notifications = {
      promptsListChanged: true,
      resourceSubscriptions: ['memo://one', 'file:///etc/passwd'],
      nonsense: true,
    };
    const response = await postModern(gateway.url, gateway.secret, {
      method: 'subscriptions/listen',
      id: 'sub',
      params: { notifications },
    });
    expect([response.status, response.headers.get('content-type'), response.headers.get('x-accel-buffering')]).toEqual([
      200,
      'text/event-stream',
      'no',
    ]);
    const stream = createMessageReader(response);
    const first = await stream.next();
    expect(first).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { promptsListChanged: true, resourceSubscriptions: ['memo://one'] } },
    });
    const updates = setInterval(() => void gateway.upstream.update('memo://one'), 20);
    const updated = await stream.next();
    clearInterval(updates);
    expect([updated['method'], getSubscriptionId(updated), getSubscriptionId(first)]).toEqual([
      'notifications/resources/updated',
      'sub',
      'sub',
    ]);

    // a change of the tools is none of its business, one of the prompts is
    const withoutTools = without(gateway.profile, 'tool');
    gateway.publish({ profiles: [withoutTools] });
    gateway.publish({ profiles: [withPrompt(withoutTools, makePrompt(gateway.server, { name: 'other' }))] });
    let message = await stream.next();
    while (message['method'] === 'notifications/resources/updated') message = await stream.next();
    expect([message['method'], getSubscriptionId(message)]).toEqual(['notifications/prompts/list_changed', 'sub']);

    const closed = gateway.close();
    message = await stream.next();
    while (message['method'] === 'notifications/resources/updated') message = await stream.next();
    expect(message).toMatchObject({ id: 'sub', result: { resultType: 'complete' } });
    await expect(stream.next()).rejects.toThrow();
    await closed;
  });
}

test('what cannot be listened to is not acknowledged, and nothing to hear ends the stream at once', async () => {
  const gateway = await startGatewayTo('modern');
  const listen = (notifications: unknown) =>
    postModern(gateway.url, gateway.secret, { method: 'subscriptions/listen', params: { notifications } });
  for (const wrong of [undefined, [], 'all', { resourceSubscriptions: 'memo://one' }, { resourceSubscriptions: [5] }]) {
    expect(await (await listen(wrong)).json()).toMatchObject({ error: { code: -32602 } });
  }
  const stream = createMessageReader(await listen({ resourceSubscriptions: ['file:///x'] }));
  expect(await stream.next()).toMatchObject({ params: { notifications: {} } });
  expect(await stream.next()).toMatchObject({ id: 1, result: { resultType: 'complete' } });
  await expect(stream.next()).rejects.toThrow();
});

test('the stream of a profile that is gone ends', async () => {
  const gateway = await startGatewayTo('modern');
  const stream = createMessageReader(
    await postModern(gateway.url, gateway.secret, {
      method: 'subscriptions/listen',
      params: { notifications: { toolsListChanged: true } },
    }),
  );
  await stream.next();
  gateway.publish({ profiles: [] });
  // cut, because its key is gone with its profile
  await expect(stream.next().then(() => stream.next())).rejects.toThrow();
});

test('a session is told of each list that changed, and of no other', async () => {
  const gateway = await startGatewayTo('legacy');
  const session = await openSession(gateway.url, gateway.secret);
  const stream = createMessageReader(await fetch(gateway.url, { headers: { ...session, accept: 'text/event-stream' } }));
  const { profile, server } = gateway;
  gateway.publish({ profiles: [withPrompt(profile, makePrompt(server, { name: 'other' }))] });
  expect(await stream.next()).toMatchObject({ method: 'notifications/prompts/list_changed' });
  const [first] = profile.entries.filter(({ kind }) => kind === 'tool');
  const fewer = without(without(profile, 'prompt'), 'template');
  gateway.publish({ profiles: [{ ...fewer, entries: fewer.entries.filter((entry) => entry !== first) }] });
  const methods = [await stream.next(), await stream.next(), await stream.next()].map(({ method }) => method);
  expect(methods).toEqual(['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`));
  await stream.cancel();
});

function without(profile: SnapshotProfile, kind: SnapshotEntry['kind']): SnapshotProfile {
  return { ...profile, entries: profile.entries.filter((entry) => entry.kind !== kind) };
}

/** The profile with this prompt in place of its own. */
function withPrompt(profile: SnapshotProfile, prompt: SnapshotEntry): SnapshotProfile {
  return { ...profile, entries: [...without(profile, 'prompt').entries, prompt] };
}

const LISTS = {
  'prompts/list': { prompts: [] },
  'resources/list': { resources: [] },
  'resources/templates/list': { resourceTemplates: [] },
};

test('a session is answered what it was told of, also when nothing is left of it', async () => {
  const gateway = await startGatewayTo('modern');
  const declared = await openSession(gateway.url, gateway.secret);
  const onlyTools = { ...gateway.profile, entries: gateway.profile.entries.filter(({ kind }) => kind === 'tool') };
  gateway.publish({ profiles: [onlyTools] });
  const later = await openSession(gateway.url, gateway.secret);
  const ask = async (session: Record<string, string>, method: string) =>
    (await post(gateway.url, { jsonrpc: '2.0', id: 1, method }, session)).json();
  for (const [method, result] of Object.entries(LISTS)) {
    expect(await ask(declared, method)).toEqual({ jsonrpc: '2.0', id: 1, result });
    expect(await ask(later, method)).toMatchObject({ error: { code: -32601 } });
  }
  const stream = createMessageReader(await fetch(gateway.url, { headers: { ...later, accept: 'text/event-stream' } }));
  gateway.publish({ profiles: [gateway.profile] });
  gateway.publish({ profiles: [onlyTools] });
  expect(await stream.next()).toMatchObject({ method: 'notifications/prompts/list_changed' });
  for (const [method, result] of Object.entries(LISTS)) expect(await ask(later, method)).toMatchObject({ result });
});

test('a listening client of the newer protocol is answered the lists that it is told of, also when nothing is left of them', async () => {
  const gateway = await startGatewayTo('modern');
  const params = { notifications: { promptsListChanged: true } };
  const stream = createMessageReader(await postModern(gateway.url, gateway.secret, { method: 'subscriptions/listen', params }));
  await stream.next();
  gateway.publish({ profiles: [{ ...gateway.profile, entries: gateway.profile.entries.filter(({ kind }) => kind === 'tool') }] });
  expect(await stream.next()).toMatchObject({ method: 'notifications/prompts/list_changed' });
  const ask = async (method: string) => (await postModern(gateway.url, gateway.secret, { method })).json();
  expect(await ask('prompts/list')).toMatchObject({ result: { prompts: [] } });
  expect(await ask('resources/list')).toMatchObject({ error: { code: -32601 } });
  await stream.cancel();
});

test('a server that completes nothing suggests nothing, in a profile that was declared to complete', async () => {
  const gateway = await startGatewayTo('modern');
  const session = await openSession(gateway.url, gateway.secret);
  const features = { ...gateway.server.features, completions: false };
  gateway.publish({ servers: [{ ...gateway.server, features }] });
  const params = { ref: { type: 'ref/prompt', name: 'hello' }, argument: { name: 'who', value: 'I' } };
  const answer = await post(gateway.url, { jsonrpc: '2.0', id: 1, method: 'completion/complete', params }, session);
  expect(await answer.json()).toEqual({ jsonrpc: '2.0', id: 1, result: { completion: { values: [] } } });
});
