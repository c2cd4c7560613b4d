import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { mirrorArguments } from '../wire/mirrored-headers.ts';
import { METHOD } from '../wire/protocol.ts';
import type { Message } from './message.ts';

/** Remembers which arguments tools declare to be repeated in headers: a client that speaks over stdio repeats none. */
export class ParamSchemas {
  readonly #byTool = new Map<string, JsonObject>();

  /** Takes in one page of a list of tools. */
  learn(answer: JsonObject): void {
    const result = isJsonObject(answer['result']) ? answer['result'] : {};
    const tools: unknown[] = Array.isArray(result['tools']) ? result['tools'] : [];
    for (const tool of tools) {
      if (!isJsonObject(tool) || typeof tool['name'] !== 'string' || !isJsonObject(tool['inputSchema'])) continue;
      this.#byTool.set(tool['name'], tool['inputSchema']);
    }
  }

  /** The headers that repeat the arguments of a call; none for another message, or a tool that is not known. */
  mirror({ method, params, revision }: Message): Record<string, string> {
    if (method !== METHOD.callTool || revision === null || typeof params['name'] !== 'string') return {};
    const schema = this.#byTool.get(params['name']);
    return schema ? mirrorArguments(schema, isJsonObject(params['arguments']) ? params['arguments'] : {}) : {};
  }
}
