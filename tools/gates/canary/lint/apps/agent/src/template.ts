// expect: gatehouse(mcp-method-is-named)
export const isCall = (method: string): boolean => method === `tools/call`;
