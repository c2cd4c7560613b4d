import { encode } from '@gatehouse/protocol/codec';
import { AgentMessage } from '@gatehouse/protocol/messages';

/** A value as JSON text without the credentials that this agent holds. */
export type ToCleanJson = (value: unknown) => string;

/**
 * A message as it may go to the hub: without the credentials that this agent holds, whatever field they stood in. A socket to the hub takes
 * nothing else, so that a field that is added tomorrow passes here too.
 */
export class CleanFrame {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Null when the message is none without them: its receipts are chained, or a field that held one has a form of its own. */
  static from(message: AgentMessage, toCleanJson: ToCleanJson): CleanFrame | null {
    const clean = toCleanJson(message);
    if (clean === encode(message)) return new CleanFrame(clean);
    if (message.type === 'audit-batch') return null;
    return AgentMessage.safeParse(JSON.parse(clean)).success ? new CleanFrame(clean) : null;
  }
}
