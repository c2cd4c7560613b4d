/** Longest name of a tool or prompt that AI clients are shown: several of them refuse longer ones. */
export const MAX_ADVERTISED_NAME = 64;
