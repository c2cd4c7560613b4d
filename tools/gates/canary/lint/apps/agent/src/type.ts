// expect: gatehouse(mcp-method-is-named) METHOD
export type Call = { method: 'tools/call' };
