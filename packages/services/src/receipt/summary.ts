import type { FieldShape, LoggedField, RecordedArguments, RecordedResult } from '@gatehouse/redaction/recorded';

const MAX_SUMMARY = 300;

/** Whether values are said, or only which there are. */
export interface SummaryOptions {
  withValues: boolean;
}

/** "order_id=8841 · 2 values not kept", without values "order_id=… · 2 values not kept". Null when the call had no arguments that could be read. */
export function summarizeArguments(recorded: RecordedArguments | null, options: SummaryOptions): string | null {
  if (!recorded) return null;
  const { logged, fields } = recorded;
  return joinParts([...describeLogged(logged, options), ...describeHidden(fields, logged)]) || 'no arguments';
}

/** "status=shipped · 4 values not kept", or the kinds of content. Null when nothing came back. */
export function summarizeResult(recorded: RecordedResult | null, options: SummaryOptions): string | null {
  if (!recorded) return null;
  const structured = [...describeLogged(recorded.logged, options), ...describeHidden(recorded.structured, recorded.logged)];
  const content =
    structured.length > 0 ? [] : recorded.content.slice(0, 5).map(({ type, size }) => `${escapeInvisible(type)} (${size})`);
  return joinParts([...(recorded.isError ? ['error'] : []), ...structured, ...content]) || 'empty';
}

function describeLogged(logged: readonly LoggedField[], { withValues }: SummaryOptions): string[] {
  return logged.map(
    ({ pointer, value }) => `${escapeInvisible(pointer.slice(1))}=${withValues ? escapeInvisible(String(value)) : '…'}`,
  );
}

function describeHidden(fields: readonly FieldShape[], logged: readonly LoggedField[]): string[] {
  const shown = new Set<string>(logged.map(({ pointer }) => pointer));
  const hidden = fields.filter(({ pointer, type }) => type !== 'object' && type !== 'array' && !shown.has(pointer)).length;
  return hidden > 0 ? [`${hidden} ${hidden === 1 ? 'value' : 'values'} not kept`] : [];
}

function joinParts(parts: readonly string[]): string {
  const text = parts.join(' · ');
  return text.length > MAX_SUMMARY ? `${text.slice(0, MAX_SUMMARY - 1)}…` : text;
}

/** Control, format and direction characters are written out, so that no value can pass for something else. */
function escapeInvisible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
