import { createServer, type Server, type Socket } from 'node:net';

/** A mail as it came over the wire. */
export interface TakenMail {
  from: string;
  to: string[];
  /** headers and body, undone of the dots that SMTP doubles */
  text: string;
}

/** A mail server on a free port of this machine that speaks as much SMTP as a client needs, in the clear. */
export class SmtpServer {
  readonly taken: TakenMail[] = [];
  /** every line that clients sent outside of a mail */
  readonly said: string[] = [];
  /** what is answered to the next mails instead of taking them */
  refusal: string | null = null;
  /** what is answered to who signs in; null: nobody is asked to */
  signIn: string | null = null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<SmtpServer> {
    const smtp = new SmtpServer();
    await new Promise<void>((resolve) => smtp.#server.listen(0, '127.0.0.1', resolve));
    return smtp;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The mail server does not listen');
    return address.port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const mail: TakenMail & { isOpen: boolean } = { from: '', to: [], text: '', isOpen: false };
    const answer = (line: string) => socket.write(`${line}\r\n`);
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#receive(line, mail, answer);
    });
    answer('220 mail.test ESMTP');
  }

  #receive(line: string, mail: TakenMail & { isOpen: boolean }, answer: (line: string) => void): void {
    if (mail.isOpen) {
      if (line !== '.') return void (mail.text += `${line.replace(/^\.\./, '.')}\n`);
      mail.isOpen = false;
      if (this.refusal !== null) return answer(this.refusal);
      this.taken.push({ from: mail.from, to: mail.to, text: mail.text });
      return answer('250 taken');
    }
    this.said.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'MAIL') Object.assign(mail, { from: line.replace(/^[^<]*<|>.*$/g, ''), to: [], text: '' });
    if (verb === 'RCPT') mail.to.push(line.replace(/^[^<]*<|>.*$/g, ''));
    if (verb === 'DATA') mail.isOpen = true;
    if (verb === 'STAR') return answer('502 no TLS here');
    if (verb === 'EHLO' && this.signIn !== null) return answer('250-mail.test\r\n250 AUTH PLAIN');
    if (verb === 'AUTH' && this.signIn !== null) return answer(this.signIn);
    answer(verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 mail.test');
  }
}
