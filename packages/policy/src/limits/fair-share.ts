/** Something that several share: how much there is, how much of it all have, and how much whoever wants more has. */
export interface Shared {
  most: number;
  used: number;
  own: number;
}

/**
 * Whether there is room for `more` such that nobody shuts out another: what is the first of its owner needs nothing but room, and everything further has
 * to leave as much free as its owner holds, which is half of all for one alone and less the more there are.
 */
export function hasFairRoom(more: number, { most, used, own }: Shared): boolean {
  const free = most - used - more;
  return free >= 0 && (own === 0 || own + more <= free);
}
