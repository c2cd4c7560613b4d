import { listFields, plantAll, plantAt, type Sent } from './fields.ts';
import type { Secret } from './secrets.ts';

export interface Rpc {
  id?: string | number;
  method?: string;
  params?: { name?: string; cursor?: string; arguments?: { way?: string } };
}

/** What a planted server does until it is told otherwise. */
export type Mode = 'serve' | 'welcomeError' | 'revision' | 'listError' | 'otherListError' | 'httpError' | 'redirect' | 'noMcp';
export const FAILING: readonly Mode[] = [
  'welcomeError',
  'revision',
  'listError',
  'otherListError',
  'httpError',
  'redirect',
  'noMcp',
];

/** Messages of JSON-RPC as the answer to one, and what was planted in them. */
export interface Answer {
  messages: object[];
  planted: readonly Sent[];
  /** a question among the messages has to be answered before the last of them is sent */
  asks?: boolean;
}

const REVISION = '2025-11-25';
const text = { type: 'string' };
const arrange = (properties: object) => ({ type: 'object', properties });

/** The one tool, prompt and template of a planted server in which nothing is planted. */
export const nameHonest = (which: number) => ({
  tool: `echo_${which}`,
  prompt: `ask_${which}`,
  template: `record-${which}://{form}`,
});

/** Answers as a server in whose every text one secret stands. */
export class PlantedAnswers {
  readonly #secret: Secret;
  readonly #which: number;
  readonly #defines: boolean;

  /** `defines`: it offers a definition for each place of one, beside the honest ones */
  constructor(secret: Secret, which: number, defines = true) {
    this.#secret = secret;
    this.#which = which;
    this.#defines = defines;
  }

  answer({ id, method, params }: Rpc, mode: Mode): Answer {
    const result = (value: object, ...planted: Sent[]): Answer => ({ messages: [{ id, result: value }], planted });
    const fail = (sent: Sent): Answer => ({
      messages: [{ id, error: { code: -32_000, ...this.#plant({}, sent) } }],
      planted: [sent],
    });
    switch (method) {
      case 'initialize':
        return mode === 'welcomeError' ? fail('welcomeError') : this.#welcome(id, mode === 'revision');
      case 'tools/list':
        if (mode === 'listError') return fail('listError');
        return params?.cursor === undefined ? this.#listTools(id, mode) : result({ tools: [] });
      case 'prompts/list':
        if (mode === 'otherListError') return fail('otherListError');
        return result(
          { prompts: [this.#makePrompt(), ...this.#define('prompt')] },
          ...(this.#defines ? (['prompt'] as const) : []),
        );
      case 'resources/list':
        if (mode === 'otherListError') return fail('otherListError');
        return result({ resources: this.#define('resource') }, ...(this.#defines ? (['resource'] as const) : []));
      case 'resources/templates/list':
        if (mode === 'otherListError') return fail('otherListError');
        return result(
          { resourceTemplates: [this.#makeTemplate(), ...this.#define('template')] },
          ...(this.#defines ? (['template'] as const) : []),
        );
      case 'prompts/get':
        return result(this.#plant({ messages: [{ role: 'user', content: { type: 'text' } }] }, 'promptResult'), 'promptResult');
      case 'resources/read':
        return result(this.#plant({ contents: [{}] }, 'resourceResult'), 'resourceResult');
      case 'completion/complete':
        return result(this.#plant({ completion: { values: [] } }, 'completion'), 'completion');
      case 'tools/call':
        return this.#call(id, params?.arguments?.way, fail);
      default:
        return fail('callError');
    }
  }

  /** The text that is planted at the places of what is sent, by place. */
  write(sent: Sent): Record<string, string> {
    return Object.fromEntries(listFields(sent).map(({ place, number }) => [place, this.#secret.write(number)]));
  }

  #plant(base: object, sent: Sent): Record<string, unknown> {
    return plantAll(base, sent, (field) => this.#secret.write(field));
  }

  #welcome(id: Rpc['id'], ofStrangeRevision: boolean): Answer {
    const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} };
    const serverInfo = { name: 'planted', version: '1' };
    const plain = this.#plant({ protocolVersion: REVISION, capabilities, serverInfo }, 'welcome');
    const welcome = this.#plant(plain, 'instructions');
    if (!ofStrangeRevision) return { messages: [{ id, result: welcome }], planted: ['welcome', 'instructions'] };
    return { messages: [{ id, result: this.#plant(welcome, 'revision') }], planted: ['revision'] };
  }

  #listTools(id: Rpc['id'], mode: Mode): Answer {
    const form = { way: text, note: text, more: text };
    const honest = {
      name: nameHonest(this.#which).tool,
      inputSchema: arrange(form),
      outputSchema: arrange({ value: text, map: { type: 'object' } }),
      annotations: { readOnlyHint: true },
    };
    if (mode === 'otherListError') return { messages: [{ id, result: { tools: [honest] } }], planted: [] };
    const page = this.#plant({ tools: [honest, ...this.#define('tool')] }, 'listPage');
    return { messages: [{ id, result: page }], planted: this.#defines ? ['tool', 'listPage'] : ['listPage'] };
  }

  #makePrompt = () => ({ name: nameHonest(this.#which).prompt, arguments: [{ name: 'form' }] });
  #makeTemplate = () => ({ name: 'record', uriTemplate: nameHonest(this.#which).template });

  /** A definition for each place, with the text in that place alone. */
  #define(kind: 'tool' | 'prompt' | 'resource' | 'template'): object[] {
    return (this.#defines ? listFields(kind) : []).map(({ place, number }) => {
      const name = `${kind}${number}`;
      const schema = arrange({ a: text });
      const bases = {
        tool: { name, inputSchema: schema, outputSchema: schema },
        prompt: { name },
        resource: { name, uri: `${name}://it` },
        template: { name, uriTemplate: `${name}://{it}` },
      };
      return plantAt(bases[kind], place, this.#secret.write(number));
    });
  }

  #call(id: Rpc['id'], way: string | undefined, fail: (sent: Sent) => Answer): Answer {
    const base = { content: [{ type: 'text' }, { type: 'resource', resource: { text: '' } }, {}], structuredContent: {} };
    const result = { id, result: { ...this.#plant(base, 'result'), isError: way === 'tool_error' } };
    if (way === 'error') return fail('callError');
    if (way !== 'stream') return { messages: [result], planted: ['result'] };
    const notify = (method: string, sent: Sent, more: object = {}) => ({ method, params: this.#plant(more, sent) });
    const ask = (of: string, method: string, sent: Sent, more: object) => ({ id: of, ...notify(method, sent, more) });
    const messages = [
      notify('notifications/message', 'log', { level: 'info' }),
      notify('notifications/progress', 'progress', { progressToken: id, progress: 1 }),
      notify('notifications/said', 'stranger'),
      ask('elicit', 'elicitation/create', 'question', { mode: 'form', requestedSchema: arrange({ a: text }) }),
      ask('sample', 'sampling/createMessage', 'sampling', {
        maxTokens: 9,
        messages: [{ role: 'user', content: { type: 'text' } }],
      }),
      result,
    ];
    return { messages, planted: ['log', 'progress', 'stranger', 'question', 'sampling', 'result'], asks: true };
  }
}
