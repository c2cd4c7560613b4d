import { createRedactor } from '@gatehouse/redaction/redact';

/** The agent has removed the secrets that it holds. The control plane knows none of them and can only look for patterns. */
export const redactor = createRedactor({ secrets: [] });
