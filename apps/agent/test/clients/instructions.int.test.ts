import { expect, test } from 'vitest';

import { makeInstructions, makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectV1, connectV2 } from '../support/clients/clients.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectV2(url, secret, 'legacy'),
  'client 1.x': connectV1,
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`${name} is told what was approved and selected, and nothing that its servers say beside it`, async () => {
    const upstream = await startModernUpstream(makeEchoSet());
    const orders = makeServerAt(upstream.url);
    const weather = { ...makeServerAt(upstream.url), slug: 'weather', name: 'Weather' };
    const selected = [makeTool(orders, ECHO), makeInstructions(orders, 'Look up first.')];
    const profile = makeProfile(selected, { description: 'For support.' });
    const gateway = await startGateway({ servers: [orders, weather], profiles: [profile] });
    const told = async () => (await connect(gateway.url, gateway.secret)).getInstructions();
    expect(await told()).toBe('For support.\n\nLook up first.');

    const both = [...selected, makeInstructions(weather, 'Ask for a city.')];
    gateway.publish({ profiles: [{ ...profile, entries: both }] });
    expect(await told()).toBe(`For support.\n\n${orders.name}:\nLook up first.\n\nWeather:\nAsk for a city.`);

    gateway.publish({ profiles: [{ ...profile, description: '', entries: [makeTool(orders, ECHO)] }] });
    expect(await told()).toBeUndefined();
  });
}
