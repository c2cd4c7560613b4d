import * as sdk from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';

import { LEGACY_VERSIONS, META, NEWEST_LEGACY_VERSION } from '../../src/wire/protocol.ts';

test("the protocol's own words are those of its SDK", () => {
  expect(META).toEqual({
    protocolVersion: sdk.PROTOCOL_VERSION_META_KEY,
    clientCapabilities: sdk.CLIENT_CAPABILITIES_META_KEY,
    clientInfo: sdk.CLIENT_INFO_META_KEY,
    logLevel: sdk.LOG_LEVEL_META_KEY,
    serverInfo: sdk.SERVER_INFO_META_KEY,
    subscriptionId: sdk.SUBSCRIPTION_ID_META_KEY,
  });
  // 2024-10-07 was a draft: its results of tools have another shape, which nobody here reads.
  expect([...LEGACY_VERSIONS, '2024-10-07']).toEqual(sdk.SUPPORTED_PROTOCOL_VERSIONS);
  expect(NEWEST_LEGACY_VERSION).toBe(sdk.LATEST_PROTOCOL_VERSION);
});
