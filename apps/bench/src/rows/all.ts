import type { Baselines } from '../report/table.ts';
import { GATEHOUSE_ROWS } from './gatehouse.ts';
import { nginx } from './nginx.ts';
import { direct, durableRelay, relay } from './own.ts';
import { mcpHub, mcpProxy, supergateway } from './peers.ts';
import type { Row } from './target.ts';

/** In the order of the table. */
export const ROWS: readonly Row[] = [direct, relay, durableRelay, nginx, ...GATEHOUSE_ROWS, mcpHub, mcpProxy, supergateway];

export const BASELINES: Baselines = { direct: direct.name, relay: relay.name, durableRelay: durableRelay.name };
