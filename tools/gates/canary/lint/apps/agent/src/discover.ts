// expect: gatehouse(mcp-method-is-named) METHOD
export const METHODS = new Set(['server/discover']);
