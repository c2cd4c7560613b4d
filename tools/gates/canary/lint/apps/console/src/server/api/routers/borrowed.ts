// expect: gatehouse(procedure-parses-nothing)
declare const GetThing: { parse: (input: unknown) => string };
const read = GetThing.parse;
export const get = (input: unknown): string => read(input);
