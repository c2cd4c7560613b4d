// expect: gatehouse(mcp-method-is-named) METHOD
export const HANDLERS = { 'tools/call': true };
