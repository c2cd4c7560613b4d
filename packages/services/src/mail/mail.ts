/** A mail as it is sent: plain text, to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Hands a mail to the mail server, which takes it or not: rejects when it does not. */
export type PostMail = (mail: Mail) => Promise<void>;
