interface ChangeCounts {
  toolCount: number;
  newTools: number;
  changedTools: number;
  /** new or changed and destructive, declared or assumed */
  destructiveTools: number;
  /** prompts, resources and resource templates */
  itemCount: number;
  /** new or changed ones among them */
  touchedItems: number;
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
  itemCount,
  touchedItems,
}: ChangeCounts): string {
  const parts: string[] = [];
  if (newTools > 0) parts.push(counted(newTools, 'new tool'));
  if (changedTools > 0) parts.push(counted(changedTools, 'changed tool'));
  if (destructiveTools > 0 && parts.length > 0) parts.push(`${destructiveTools} destructive`);
  if (touchedItems > 0) parts.push(touchedItems === 1 ? '1 prompt or resource' : `${touchedItems} prompts or resources`);
  if (parts.length === 0) return `${counted(toolCount + itemCount, itemCount === 0 ? 'tool' : 'entry')}, none new or changed`;
  return parts.join(', ');
}
