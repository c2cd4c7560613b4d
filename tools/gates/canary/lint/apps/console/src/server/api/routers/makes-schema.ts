// expect: gatehouse(procedure-parses-nothing) makes no schema
declare const GetThing: { pick(keys: object): object };
export const schema = GetThing.pick({ id: true });
