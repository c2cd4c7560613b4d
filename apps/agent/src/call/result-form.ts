import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { RecordedMethod } from '@gatehouse/protocol/receipt';

/** Where the content of a result stands. */
const CONTENT: Record<RecordedMethod, string> = {
  'tools/call': 'content',
  'prompts/get': 'messages',
  'resources/read': 'contents',
};

/** Whether an answer can be a result of this method. What it holds is the client's to judge: nothing is refused for its output schema. */
export function isResultOf(method: RecordedMethod, result: unknown): result is JsonObject {
  if (!isJsonObject(result)) return false;
  const { resultType } = result;
  if (resultType === 'input_required') return true;
  if (resultType !== undefined && resultType !== 'complete') return false;
  const content = result[CONTENT[method]];
  return Array.isArray(content) || (method === 'tools/call' && content === undefined);
}
