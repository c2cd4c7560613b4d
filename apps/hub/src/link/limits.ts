/** What one address, one tenant, one agent, or somebody who pretends to be one, may use of a hub. */
export interface LinkLimits {
  /** from the upgrade to a whole `authenticate`, milliseconds */
  handshakeMs: number;
  /** handshakes at the same time; whoever comes then is told to come back */
  maxHandshakes: number;
  /** of these from one address, so that nobody alone shuts the hub for others */
  maxHandshakesPerAddress: number;
  /** of these from one network, whose addresses are cheap to whoever holds it */
  maxHandshakesPerNetwork: number;
  /** connections at the same time, whatever they are for, and of these from one address where no proxy stands before the hub */
  maxConnections: number;
  maxConnectionsPerAddress: number;
  /** agents of one tenant on this hub */
  maxLinksPerTenant: number;
  /** bytes on a socket before it is authenticated */
  handshakeBytes: number;
  /** bucket of an agent: one token for a message and one for each 64 KiB of it */
  burst: number;
  tokensPerSecond: number;
  /** messages of unknown form or in the wrong place, then the connection ends */
  maxStrikes: number;
  /** silent heartbeat intervals, then the peer is taken for dead */
  silentHeartbeats: number;
  /** how long a replaced connection has to show that it is still alive, milliseconds */
  probeMs: number;
}

export const LINK_LIMITS: LinkLimits = {
  handshakeMs: 10_000,
  maxHandshakes: 1_000,
  maxHandshakesPerAddress: 100,
  maxHandshakesPerNetwork: 250,
  maxConnections: 20_000,
  maxConnectionsPerAddress: 2_000,
  maxLinksPerTenant: 2_000,
  handshakeBytes: 16 * 1024,
  burst: 400,
  tokensPerSecond: 200,
  maxStrikes: 5,
  silentHeartbeats: 2.5,
  probeMs: 5_000,
};
