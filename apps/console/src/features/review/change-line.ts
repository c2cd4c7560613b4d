interface ChangeCounts {
  toolCount: number;
  newTools: number;
  changedTools: number;
  /** new or changed and destructive, declared or assumed */
  destructiveTools: number;
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** What a review is about, in one line: "2 new tools, 1 changed tool, 1 destructive". */
export function changeLine({ toolCount, newTools, changedTools, destructiveTools }: ChangeCounts): string {
  const parts: string[] = [];
  if (newTools > 0) parts.push(counted(newTools, 'new tool'));
  if (changedTools > 0) parts.push(counted(changedTools, 'changed tool'));
  if (parts.length === 0) return `${counted(toolCount, 'tool')}, none new or changed`;
  if (destructiveTools > 0) parts.push(`${destructiveTools} destructive`);
  return parts.join(', ');
}
