// expect: gatehouse(mcp-method-is-named) METHOD
export const INITIALIZE = { method: 'initialize' };
