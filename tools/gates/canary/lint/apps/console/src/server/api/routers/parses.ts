// expect: gatehouse(procedure-parses-nothing)
declare const GetThing: { safeParse(input: unknown): { success: boolean } };
export const get = (input: unknown): boolean => GetThing.safeParse(input).success;
