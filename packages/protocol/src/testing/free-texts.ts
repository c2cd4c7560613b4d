/** Fields by which a thing is found again: an id, an address, a name, or a part of a definition, which is pinned to the last character. */
const NAMES =
  /\/definition\/|\/receipts\/name$|\/(?:audience|endpointUrl|siteKeyId|sessionId|advertisedName|credential|toolName)$/;

/** The fields of a JSON schema into which its writer may put any text. */
export function listFreeTexts(schema: unknown, at: string): string[] {
  return listTexts(schema, at).filter((field) => !NAMES.test(field));
}

function listTexts(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if ('type' in schema && schema.type === 'string')
    return ['enum', 'const', 'format', 'pattern'].some((bound) => bound in schema) ? [] : [at];
  return Object.entries(schema).flatMap(([key, inner]: [string, unknown]) => {
    if (key !== 'properties' || typeof inner !== 'object' || inner === null) return listTexts(inner, at);
    return Object.entries(inner).flatMap(([name, field]) => listTexts(field, `${at}/${name}`));
  });
}

/** The fields of a value in which one of these texts stands. */
export function listPlanted(value: unknown, at: string, planted: readonly string[]): string[] {
  if (typeof value === 'string') return planted.some((text) => value.includes(text)) ? [at] : [];
  if (Array.isArray(value)) return value.flatMap((item) => listPlanted(item, at, planted));
  return Object.entries(value ?? {}).flatMap(([key, item]) => listPlanted(item, `${at}/${key}`, planted));
}
