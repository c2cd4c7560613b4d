import { encode } from '@gatehouse/protocol/codec';
import { AgentMessage } from '@gatehouse/protocol/messages';

import { redactMessage } from './redact-message.ts';

/** How texts are written that leave the site. */
export interface CleanWriter {
  /** a value as JSON text without the credentials that this agent holds */
  toCleanJson: (value: unknown) => string;
  /** a text without these, without credentials by their form and without personal data */
  redact: (text: string) => string;
}

/**
 * A message as it may go to the hub: without the credentials that this agent holds, whatever field they stood in, and without what patterns find in
 * the texts that others than this agent may have written. A socket to the hub takes nothing else.
 */
export class CleanFrame {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Null when the message is none without them: its receipts are chained, or a field that held one has a form of its own. */
  static from(message: AgentMessage, { toCleanJson, redact }: CleanWriter): CleanFrame | null {
    const redacted = redactMessage(message, redact);
    const clean = toCleanJson(redacted);
    if (clean === encode(redacted)) return new CleanFrame(clean);
    if (message.type === 'audit-batch') return null;
    return AgentMessage.safeParse(JSON.parse(clean)).success ? new CleanFrame(clean) : null;
  }
}
