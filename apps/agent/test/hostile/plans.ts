import fc from 'fast-check';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { drawOperation, drawTransport, type Target } from './hostile-transports.ts';
import { drawMutation, type Mutation } from './mutation.ts';

/** One thing that a hostile control plane does. */
export type Plan =
  | {
      kind: 'configuration';
      form: 'parts' | 'snapshot';
      attackers: Attacker[];
      /** counts the lures: no two attackers of one configuration offer the same */
      lures: number;
      leaseMinutes: number;
      step: number;
      mutation: Mutation | null;
    }
  | { kind: 'discovery'; transport: SnapshotServer['transport']; mutation: Mutation | null }
  | {
      kind: 'revocation';
      act: 'end' | 'before' | 'stop' | 'lift';
      subject: 'key' | 'person' | 'server' | 'tool';
      mutation: Mutation | null;
    }
  | { kind: 'message'; of: number; mutations: Mutation[] };

/** A server with the one tool that a client will be made to call. */
export interface Attacker {
  transport: SnapshotServer['transport'];
  /** null: that of the server which the site named */
  definition: ToolDefinition | null;
  /** null: the one of the definition */
  pin: string | null;
  /** beside the tool, one of these is asked for */
  beside: 'prompt' | 'resource' | 'template' | 'completion';
}

/** The same plans for the same seed, in a mixture as over a day: messages are cheap, configurations are what counts. */
export function drawPlans(target: Target, { seed, configurations }: { seed: number; configurations: number }): Plan[] {
  const mutation = fc.option(drawMutation, { freq: 1 });
  const pin = fc.constantFrom(null, null, 'f'.repeat(64));
  const attacker: fc.Arbitrary<Attacker> = fc
    .tuple(drawTransport(target), drawOperation(target), pin, fc.constantFrom('prompt', 'resource', 'template', 'completion'))
    .map(([transport, operation, pinned, beside]) => ({
      transport,
      definition: transport.kind === 'rest' ? operation : null,
      pin: pinned,
      beside,
    }));
  const configuration: fc.Arbitrary<Plan> = fc.record({
    kind: fc.constant('configuration'),
    form: fc.constantFrom('parts', 'parts', 'snapshot'),
    attackers: fc.array(attacker, { minLength: 1, maxLength: 6 }),
    lures: fc.nat(99),
    leaseMinutes: fc.constantFrom(-1, 1, 60, 1_440, 10_000_000),
    // now and then an older version, or the same again
    step: fc.constantFrom(1, 1, 1, 1, 1, 1, 1, 0, -3),
    mutation,
  });
  const others: fc.Arbitrary<Plan> = fc.oneof(
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('discovery'), transport: drawTransport(target), mutation }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('revocation'),
        act: fc.constantFrom('end', 'before', 'stop', 'lift'),
        subject: fc.constantFrom('key', 'person', 'server', 'tool'),
        mutation,
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('message'),
        of: fc.nat(),
        mutations: fc.array(drawMutation, { minLength: 1, maxLength: 3 }),
      }),
    },
  );
  const day = fc.tuple(configuration, fc.array(others, { minLength: 4, maxLength: 4 }));
  return fc.sample(day, { seed, numRuns: configurations }).flatMap(([first, rest]) => [first, ...rest]);
}
