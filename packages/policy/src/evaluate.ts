import type { CallCheck } from './compile/call-check.ts';
import type {
  CompiledConfig,
  CompiledEntry,
  CompiledProfile,
  CompiledTemplate,
  CompiledTool,
} from './compile/compile-snapshot.ts';
import type { CheckName, CheckResult, ReasonCode } from './decision.ts';
import type { JsonObject } from './documents/json.ts';
import type { SnapshotTool } from './documents/profile.ts';

/** One call as it reached the agent, parsed, its caller already known. */
export type ProposedCall = { profileSlug: string } & (
  | {
      method: 'tools/call';
      /** as advertised */
      name: string;
      arguments: JsonObject;
    }
  | { method: 'prompts/get'; name: string }
  | { method: 'resources/read'; uri: string }
);

/** The entry that a call is about. `template`: a resource that is read through one. */
export type CallTarget =
  | ({
      kind: 'tool';
      /** allowed: what is to be sent, pinned values added. Denied: what came in */
      arguments: JsonObject;
      /** what was judged of the caller: what came in, allowed in the form that the tool takes; without pinned values */
      given: JsonObject;
    } & CompiledTool)
  | ({ kind: 'prompt' } & CompiledEntry<'prompt'>)
  | ({ kind: 'resource' } & CompiledEntry<'resource'>)
  | ({ kind: 'template' } & CompiledTemplate);

export type Decision =
  | { kind: 'allow'; profile: CompiledProfile; target: CallTarget; checks: CheckResult[] }
  | {
      kind: 'deny';
      code: ReasonCode;
      /** for the caller: what happened and what to do next; never for a log */
      message: string;
      profile: CompiledProfile | null;
      target: CallTarget | null;
      checks: CheckResult[];
    };

/**
 * Decides one call: profile, catalogue, arguments, rules. A pure function of configuration and call; the same catalogue answers the
 * list methods, so what is listed is what can be called. Never throws.
 */
export function evaluate(compiled: CompiledConfig, call: ProposedCall): Decision {
  const checks: CheckResult[] = [];
  const profile = compiled.profilesBySlug.get(call.profileSlug);
  if (!profile) {
    return deny(checks, 'profile', 'profile_unknown', 'No such endpoint. Copy the address from the Connect page.', null, null);
  }
  pass(checks, 'profile');

  const target = findTarget(profile, call);
  if (!target) return deny(checks, 'catalogue', UNKNOWN[call.method].code, UNKNOWN[call.method].message, profile, null);
  pass(checks, 'catalogue');
  // compileSnapshot has refused a definition without its pin; what the server defines is compared with it when the call is about to be sent
  checks.push({ check: 'pin', result: 'skip' });

  if (target.kind !== 'tool') {
    checks.push({ check: 'arguments', result: 'skip' });
    pass(checks, 'rules');
    return { kind: 'allow', profile, target, checks };
  }
  return evaluateTool(profile, target, checks);
}

function evaluateTool(profile: CompiledProfile, target: Extract<CallTarget, { kind: 'tool' }>, checks: CheckResult[]): Decision {
  if (target.entry.rule === 'deny') {
    checks.push({ check: 'arguments', result: 'skip' });
    return deny(checks, 'rules', 'tool_denied', describeDenial(target.entry), profile, target);
  }
  const checked = checkArguments(target);
  if (!checked.ok) return deny(checks, 'arguments', checked.code, checked.message, profile, target);
  const { arguments: sent, given, changes } = checked;
  checks.push({ check: 'arguments', result: 'pass', ...(changes && { changedArguments: changes }) });
  pass(checks, 'rules');
  return { kind: 'allow', profile, target: { ...target, arguments: sent, given }, checks };
}

/** The one look-up for every method. Null: the profile has no such thing, whatever else exists. */
function findTarget(profile: CompiledProfile, call: ProposedCall): CallTarget | null {
  switch (call.method) {
    case 'tools/call': {
      const tool = profile.tools.get(call.name);
      return tool ? { kind: 'tool', ...tool, arguments: call.arguments, given: call.arguments } : null;
    }
    case 'prompts/get': {
      const prompt = profile.prompts.get(call.name);
      return prompt ? { kind: 'prompt', ...prompt } : null;
    }
    case 'resources/read':
      return findResource(profile, call.uri);
  }
}

/** An address of its own comes before the templates that describe it as well. */
function findResource(profile: CompiledProfile, uri: string): CallTarget | null {
  const own = profile.resources.get(uri);
  if (own) return { kind: 'resource', ...own };
  const template = profile.templates.find(({ matches }) => matches(uri));
  return template ? { kind: 'template', ...template } : null;
}

const UNKNOWN = {
  'tools/call': { code: 'tool_unknown', message: 'Unknown tool' },
  'prompts/get': { code: 'prompt_unknown', message: 'Unknown prompt' },
  'resources/read': { code: 'resource_unknown', message: 'Resource not found' },
} as const;

function pass(checks: CheckResult[], check: CheckName): void {
  checks.push({ check, result: 'pass' });
}

function deny(
  checks: CheckResult[],
  check: CheckName,
  code: ReasonCode,
  message: string,
  profile: CompiledProfile | null,
  target: CallTarget | null,
): Decision {
  checks.push({ check, result: 'fail', code });
  return { kind: 'deny', code, message, profile, target, checks };
}

function describeDenial({ advertisedName, denyReason }: SnapshotTool): string {
  const next = denyReason ?? 'Ask the owner of this profile if you need it.';
  return `The tool "${advertisedName}" is switched off in this profile. ${next}`;
}

type Checked = Extract<ReturnType<CallCheck>, { ok: true }> | { ok: false; code: ReasonCode; message: string };

function checkArguments(tool: CompiledTool & { arguments: JsonObject }): Checked {
  try {
    const checked = tool.getInputCheck()(tool.arguments);
    return checked.ok ? checked : { ok: false, code: 'arguments_invalid', message: checked.problem };
  } catch {
    // a schema that cannot be compiled, or that recurses without end on these arguments
    return {
      ok: false,
      code: 'internal',
      message: 'The arguments of this tool cannot be checked, so it was not called. Ask for a new review of it.',
    };
  }
}
