/** Keywords below which there is a schema under each name. */
export const MAPS: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords below which there is a schema. */
export const SCHEMAS: ReadonlySet<string> = new Set(
  'items additionalItems additionalProperties contains not if then else propertyNames unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
/** Keywords below which there are schemas in a list; of `items`, in earlier drafts. */
export const LISTS: ReadonlySet<string> = new Set(['prefixItems', 'allOf', 'anyOf', 'oneOf', 'items']);
