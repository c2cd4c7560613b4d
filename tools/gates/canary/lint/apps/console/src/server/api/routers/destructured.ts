// expect: gatehouse(procedure-parses-nothing)
declare const GetThing: { parse: (input: unknown) => string };
const { parse: read } = GetThing;
export const get = (input: unknown): string => read(input);
