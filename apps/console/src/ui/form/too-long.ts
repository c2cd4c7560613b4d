import { type FieldErrors, type FieldValues, get, type ResolverOptions, set } from 'react-hook-form';

/** What is wrong with a text that may have so many characters; undefined while nothing is. */
export function describeTooLong(text: unknown, most: number | undefined): string | undefined {
  if (typeof text !== 'string' || most === undefined || text.length <= most) return undefined;
  return `Use at most ${most} characters. This has ${text.length}.`;
}

/** Adds to what a schema found what is longer than its field on the page takes. A field that is not shown holds nobody up. */
export function addTooLong<In extends FieldValues>(
  errors: FieldErrors<In>,
  values: In,
  { names = [], fields }: Pick<ResolverOptions<In>, 'names' | 'fields'>,
): FieldErrors<In> {
  for (const name of names) {
    const field: { mount?: boolean; maxLength?: unknown } | undefined = get(fields, name);
    const most = typeof field?.maxLength === 'number' && field.mount ? field.maxLength : undefined;
    const message = describeTooLong(get(values, name), most);
    if (message !== undefined && get(errors, name) === undefined) set(errors, name, { type: 'maxLength', message });
  }
  return errors;
}
