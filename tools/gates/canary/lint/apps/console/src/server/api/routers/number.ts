// expect: gatehouse(procedure-parses-nothing)
export const get = (input: string): number => parseInt(input, 10);
