// expect: gatehouse(procedure-parses-nothing) reads addresses
export const toHost = (input: string): string => new URL(input).host;
