/** Most characters of the texts in which an agent says something in its own words, or passes on those of others. */
export const TEXT_LIMITS = {
  agentVersion: 40,
  hostname: 255,
  platform: 60,
  /** why something is refused, withheld or failed */
  reason: 1_000,
  detail: 500,
  healthError: 300,
  serverName: 200,
  serverVersion: 100,
  protocolVersion: 20,
  rejectedType: 40,
  rejection: 500,
  /** an address of a resource is the longest name */
  leftOutName: 2_048,
  leftOutPointer: 4_096,
  leftOutKeyword: 200,
} as const;
