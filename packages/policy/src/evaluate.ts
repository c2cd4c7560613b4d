import type { CompiledConfig, CompiledProfile, CompiledTool } from './compile.ts';
import type { CheckName, CheckResult, ReasonCode } from './decision.ts';

/** One call as it reached the agent, parsed, its caller already known. */
export interface ProposedCall {
  profileSlug: string;
  advertisedName: string;
  arguments: Record<string, unknown>;
}

export type Decision =
  | { kind: 'allow'; profile: CompiledProfile; tool: CompiledTool; checks: CheckResult[] }
  | {
      kind: 'deny';
      code: ReasonCode;
      /** for the caller: what happened and what to do next; never for a log */
      message: string;
      profile: CompiledProfile | null;
      tool: CompiledTool | null;
      checks: CheckResult[];
    };

/**
 * Decides one call: profile, catalogue, pin, arguments, rules. A pure function of configuration and call; the same catalogue
 * answers `tools/list`, so what is listed is what can be called. Never throws.
 */
export function evaluate(compiled: CompiledConfig, call: ProposedCall): Decision {
  const checks: CheckResult[] = [];
  const pass = (check: CheckName) => checks.push({ check, result: 'pass' });
  const deny = (check: CheckName, code: ReasonCode, message: string, found: Found = {}): Decision => {
    checks.push({ check, result: 'fail', code });
    return { kind: 'deny', code, message, profile: found.profile ?? null, tool: found.tool ?? null, checks };
  };

  const profile = compiled.profilesBySlug.get(call.profileSlug);
  if (!profile) return deny('profile', 'profile_unknown', 'No such endpoint. Copy the address from the Connect page.');
  pass('profile');

  const tool = profile.tools.get(call.advertisedName);
  if (!tool) return deny('catalogue', 'tool_unknown', 'Unknown tool', { profile });
  pass('catalogue');
  pass('pin');

  if (tool.tool.rule === 'deny') {
    checks.push({ check: 'arguments', result: 'skip' });
    return deny('rules', 'tool_denied', deniedMessage(tool), { profile, tool });
  }
  const problem = checkArguments(tool, call.arguments);
  if (problem) return deny('arguments', problem.code, problem.message, { profile, tool });
  pass('arguments');
  pass('rules');
  return { kind: 'allow', profile, tool, checks };
}

interface Found {
  profile?: CompiledProfile;
  tool?: CompiledTool;
}

function deniedMessage({ tool }: CompiledTool): string {
  const next = tool.denyReason ?? 'Ask the owner of this profile if you need it.';
  return `The tool "${tool.advertisedName}" is switched off in this profile. ${next}`;
}

function checkArguments(tool: CompiledTool, args: Record<string, unknown>): { code: ReasonCode; message: string } | null {
  try {
    const problem = tool.inputCheck()(args);
    return problem ? { code: 'arguments_invalid', message: problem } : null;
  } catch {
    // a schema that cannot be compiled, or that recurses without end on these arguments
    return {
      code: 'internal',
      message: 'The arguments of this tool cannot be checked, so it was not called. Ask for a new review of it.',
    };
  }
}
