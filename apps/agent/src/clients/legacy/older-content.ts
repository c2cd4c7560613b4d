import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { keepText } from '../../wire/json-text.ts';

/** Since when there are kinds of content, by revision of the protocol. What came before 2025 had text, images and embedded resources. */
const SINCE = { audio: '2025-03-26', resource_link: '2025-06-18' } as const;
/** Since when a result holds data beside its content. */
const DATA_SINCE = '2025-06-18';

/** Whether clients of a revision read the data of a result. */
export function mayHoldData(revision: string): boolean {
  return revision >= DATA_SINCE;
}

/**
 * A result of a tool or prompt with no content of a kind that the client's revision does not have, because a client that reads it strictly would lose
 * the whole result: audio becomes an embedded resource with the same bytes, a link to a resource a text that names it. The same object when
 * there is nothing of them.
 */
export function translateContent(result: JsonObject, revision: string): JsonObject {
  if (revision >= SINCE.resource_link) return result;
  const { content, messages } = result;
  const translated = {
    ...(Array.isArray(content) && { content: translateList(content, (block, at) => translateBlock(block, revision, at)) }),
    ...(Array.isArray(messages) && {
      messages: translateList(messages, (message, at) => translateMessage(message, revision, at)),
    }),
  };
  const isSame = Object.entries(translated).every(([name, value]) => value === result[name]);
  return isSame ? result : keepText({ ...result, ...translated }, result);
}

function translateList(items: readonly unknown[], translate: (item: unknown, at: number) => unknown): readonly unknown[] {
  const translated = items.map(translate);
  return translated.every((item, at) => item === items[at]) ? items : translated;
}

function translateMessage(message: unknown, revision: string, at: number): unknown {
  if (!isJsonObject(message)) return message;
  const content = translateBlock(message['content'], revision, at);
  return content === message['content'] ? message : { ...message, content };
}

function translateBlock(block: unknown, revision: string, at: number): unknown {
  if (!isJsonObject(block)) return block;
  const { type, annotations } = block;
  const kept = annotations === undefined ? {} : { annotations };
  if (type === 'audio' && revision < SINCE.audio) {
    const { mimeType, data } = block;
    return { type: 'resource', resource: { uri: `answer:/audio-${at + 1}`, mimeType, blob: data }, ...kept };
  }
  if (type !== 'resource_link' || revision >= SINCE.resource_link) return block;
  const [title, uri, description] = [block['title'] ?? block['name'], block['uri'], block['description']].map(readText);
  const line = [title, uri].filter((part) => part !== '').join(': ');
  return { type: 'text', text: description === '' ? line : `${line}\n${description}`, ...kept };
}

const readText = (value: unknown): string => (typeof value === 'string' ? value : '');
