/** Whether a `Content-Type` names JSON. Types are compared without regard to case. */
export function isJson(type: string | undefined): boolean {
  return hasMediaType(type, 'application/json');
}

export function isEventStream(type: string | undefined): boolean {
  return hasMediaType(type, 'text/event-stream');
}

/** Nearly every server writes it in lower case and first, so that is looked at before anything is copied. */
function hasMediaType(type: string | undefined, wanted: string): boolean {
  if (type === undefined) return false;
  return type.startsWith(wanted) || type.trimStart().slice(0, wanted.length).toLowerCase() === wanted;
}
