// expect: gatehouse(mcp-method-is-named) META
export const readInfo = (meta: Record<string, unknown>): unknown => meta['io.modelcontextprotocol/clientInfo'];
