import { isRpcId, toIdKey, type RpcAnswer, type RpcId, type ServerMessage } from '../../wire/json-rpc.ts';
import { METHOD, NOTIFICATION, RpcCode } from '../../wire/protocol.ts';

const MOST_OPEN = 64;

export interface ServerRequestsOptions {
  /** sends an answer to the server */
  send: (id: RpcId, answer: RpcAnswer) => Promise<void>;
  /** one line for the log */
  note: (what: string) => void;
  /** false for connections that several clients share: their servers may ask nothing */
  allowed: boolean;
}

type Listener = (message: ServerMessage) => void;

/** The requests that a server sends to its client: who gets them, and which of them still wait for their answer. */
export class ServerRequests {
  readonly #options: ServerRequestsOptions;
  readonly #open = new Map<string | number, Listener>();

  constructor(options: ServerRequestsOptions) {
    this.#options = options;
  }

  /** Hands a message on. A ping is answered here; a question too many, or one that may not be asked, is refused here. */
  receive(message: ServerMessage, listener: Listener): void {
    const { id, method, params } = message;
    if (id === undefined) {
      const asked = method === NOTIFICATION.cancelled ? this.#open.get(toIdKey(readCancelledId(params))) : undefined;
      return (asked ?? listener)(message);
    }
    if (method === METHOD.ping) return this.#reply(id, { result: {} });
    if (!this.#options.allowed || this.#open.has(toIdKey(id)) || this.#open.size >= MOST_OPEN) {
      this.#options.note(`asked ${method.slice(0, 60)}, which is refused`);
      const [code, text] = this.#options.allowed
        ? [RpcCode.internal, 'Too many requests at once']
        : [RpcCode.methodNotFound, 'Not offered'];
      return this.#reply(id, { error: { code, message: text } });
    }
    this.#open.set(toIdKey(id), listener);
    listener(message);
  }

  /** True once for each question that is open. */
  take(id: RpcId): boolean {
    return this.#open.delete(toIdKey(id));
  }

  #reply(id: RpcId, answer: RpcAnswer): void {
    this.#options.send(id, answer).catch((error: unknown) => this.#options.note(`could not be answered: ${String(error)}`));
  }
}

function readCancelledId(params: ServerMessage['params']): RpcId {
  const id = params?.['requestId'];
  return isRpcId(id) ? id : '';
}
