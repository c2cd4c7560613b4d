// expect: gatehouse(procedure-parses-nothing)
declare const GetThing: { parse(input: unknown): string };
export const get = (input: unknown): string => GetThing['parse'](input);
