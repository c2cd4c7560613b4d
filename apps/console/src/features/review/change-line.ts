interface ChangeCounts {
  toolCount: number;
  newTools: number;
  changedTools: number;
  /** new or changed and destructive, declared or assumed */
  destructiveTools: number;
  /** entries that are not tools: prompts, resources, resource templates and instructions */
  otherCount: number;
  /** new or changed ones among them */
  touchedOtherCount: number;
}

const counted = (count: number, one: string): string => {
  const many = one.endsWith('y') ? `${one.slice(0, -1)}ies` : `${one}s`;
  return `${count} ${count === 1 ? one : many}`;
};

/** What a review is about, in one line: "2 new tools, 1 changed tool, 1 destructive". */
export function changeLine({
  toolCount,
  newTools,
  changedTools,
  destructiveTools,
  otherCount,
  touchedOtherCount,
}: ChangeCounts): string {
  const parts: string[] = [];
  if (newTools > 0) parts.push(counted(newTools, 'new tool'));
  if (changedTools > 0) parts.push(counted(changedTools, 'changed tool'));
  if (destructiveTools > 0 && parts.length > 0) parts.push(`${destructiveTools} destructive`);
  if (touchedOtherCount > 0) {
    parts.push(`${touchedOtherCount} ${touchedOtherCount === 1 ? 'prompt, resource' : 'prompts, resources'} or instructions`);
  }
  if (parts.length === 0) return `${counted(toolCount + otherCount, otherCount === 0 ? 'tool' : 'entry')}, none new or changed`;
  return parts.join(', ');
}
