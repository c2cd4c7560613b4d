// expect: gatehouse(mcp-method-is-named) META
export const tell = (key: string): string => `_meta needs io.modelcontextprotocol/${key}`;
