import { findRestOperation, type RestParameter } from '@gatehouse/policy/documents/rest-operation';

import type { ReviewTool } from './summary.ts';

/** The HTTP request that a tool of a REST API makes, line by line; null for any other tool. A model never sees it, the reviewer must. */
export function describeRequest(definition: ReviewTool['definition'] | null): string | null {
  const operation = definition && findRestOperation(definition);
  if (!operation) return null;
  const { method, path, parameters, body } = operation;
  const names = (place: RestParameter['in']) =>
    parameters.flatMap(({ in: where, name, argument }) =>
      where === place ? [name === argument ? name : `${name} (argument ${argument})`] : [],
    );
  const files = body?.fields?.flatMap((field) => (field.kind === 'file' ? [field.name] : [])) ?? [];
  const lines = [
    `${method} ${path}`,
    ...[names('query')].filter((query) => query.length > 0).map((query) => `Query: ${query.join(', ')}`),
    ...[names('header')].filter((headers) => headers.length > 0).map((headers) => `Headers: ${headers.join(', ')}`),
    ...[names('cookie')].filter((cookies) => cookies.length > 0).map((cookies) => `Cookies: ${cookies.join(', ')}`),
    ...(body ? [`Body: ${body.mediaType}`] : []),
    ...(files.length > 0 ? [`Files: ${files.join(', ')}`] : []),
  ];
  return lines.join('\n');
}
