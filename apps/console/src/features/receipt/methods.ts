import type { ReceiptRow } from './audit-page.tsx';

type Method = ReceiptRow['method'];

interface MethodWords {
  /** heading of a fact or column: "Prompt" */
  word: string;
  /** what a person did with it: "Mia got the prompt summarise" */
  verb: string;
  /** in place of a name that the profile does not know, or of one that was not read */
  unknown: string;
  /** what a person did who named nothing known: "Mia asked for an unknown prompt" */
  tried: string;
}

const CALLS: Partial<Record<NonNullable<Method>, MethodWords>> = {
  'tools/call': { word: 'Tool', verb: 'called', unknown: 'unknown tool', tried: 'asked for an unknown tool' },
  'prompts/get': { word: 'Prompt', verb: 'got the prompt', unknown: 'unknown prompt', tried: 'asked for an unknown prompt' },
  'resources/read': {
    word: 'Resource',
    verb: 'read the resource',
    unknown: 'unknown resource',
    tried: 'asked for an unknown resource',
  },
};

/** The words for what was used, by the MCP method. A request that is no call is recorded only when it was refused, and goes by its method. */
export function getMethodWords(method: Method): MethodWords {
  if (method === null) return { word: 'Request', verb: 'sent', unknown: 'unknown request', tried: 'sent an unknown request' };
  return CALLS[method] ?? { word: 'Request', verb: 'sent', unknown: method, tried: `sent ${method}` };
}
