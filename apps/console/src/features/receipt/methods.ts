import type { ReceiptRow } from './audit-page.tsx';

type Method = ReceiptRow['method'];

interface MethodWords {
  /** heading of a fact or column: "Prompt" */
  word: string;
  /** what a person did with it: "Mia got the prompt summarise" */
  verb: string;
  /** in place of a name that the profile does not know */
  unknown: string;
}

const METHOD: Record<Method, MethodWords> = {
  'tools/call': { word: 'Tool', verb: 'called', unknown: 'unknown tool' },
  'prompts/get': { word: 'Prompt', verb: 'got the prompt', unknown: 'unknown prompt' },
  'resources/read': { word: 'Resource', verb: 'read the resource', unknown: 'unknown resource' },
};

/** The words for what was used, by the MCP method. */
export const getMethodWords = (method: Method): MethodWords => METHOD[method];
