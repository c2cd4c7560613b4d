import type { ToolChoice, ToolServer } from './draft.ts';

export type RiskFilter = 'any' | ToolChoice['risk'];

/** `*` stands for anything in a name; without it the text may be anywhere in name, title or description. */
function matches(tool: ToolChoice, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  if (wanted.includes('*')) {
    const pattern = wanted.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${pattern.join('.*')}$`).test(tool.name.toLowerCase());
  }
  return [tool.name, tool.title, tool.description].some((field) => field?.toLowerCase().includes(wanted));
}

/** Servers with the tools that match; servers without any are left out while a filter is set. */
export function filterServers(servers: readonly ToolServer[], text: string, risk: RiskFilter): ToolServer[] {
  const filtering = text.trim() !== '' || risk !== 'any';
  return servers
    .map((server) => ({
      ...server,
      tools: server.tools.filter((tool) => matches(tool, text) && (risk === 'any' || tool.risk === risk)),
    }))
    .filter(({ tools }) => !filtering || tools.length > 0);
}
