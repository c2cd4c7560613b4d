import { type APIRequestContext, type APIResponse, expect, request } from '@playwright/test';
import { z } from 'zod';

const Answer = z.object({ result: z.object({ data: z.object({ json: z.unknown() }) }) });

/** Somebody at a browser: the same requests to the console, with a session of the same cookies. */
export class Person {
  readonly #browser: APIRequestContext;
  readonly #workspace: string;

  private constructor(browser: APIRequestContext, workspace: string) {
    this.#browser = browser;
    this.#workspace = workspace;
  }

  /** Follows an invitation, chooses a password and signs in with it. */
  static async join(
    link: string,
    { name, email, workspace }: { name: string; email: string; workspace: string },
  ): Promise<Person> {
    const { origin, hash } = new URL(link);
    // the certificate is the test's own; the commands of the guide check it
    const browser = await request.newContext({ baseURL: origin, ignoreHTTPSErrors: true, extraHTTPHeaders: { origin } });
    const password = `a good password of ${name}, 4711`;
    const account = { kind: 'new', name, newPassword: password };
    const joined = await browser.post('/api/account/acceptInvitation', { data: { json: { token: hash.slice(1), account } } });
    expect(joined.status(), await joined.text()).toBe(200);
    const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await (await browser.get('/api/auth/csrf')).json());
    const form = { csrfToken, email, password, workspace, json: 'true' };
    const signedIn = await browser.post('/api/auth/callback/credentials', { form });
    expect(signedIn.status(), await signedIn.text()).toBe(200);
    return new Person(browser, workspace);
  }

  /** Asks a procedure of the workspace that reads. */
  async read<Schema extends z.ZodType>(schema: Schema, procedure: string, input?: object): Promise<z.output<Schema>> {
    const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify({ json: input }))}`;
    return this.#parse(schema, await this.#browser.get(`${this.#buildPath(procedure)}${query}`));
  }

  /** Asks a procedure of the workspace that changes something. */
  async change<Schema extends z.ZodType>(schema: Schema, procedure: string, input: object): Promise<z.output<Schema>> {
    return this.#parse(schema, await this.#browser.post(this.#buildPath(procedure), { data: { json: input } }));
  }

  close(): Promise<void> {
    return this.#browser.dispose();
  }

  #buildPath(procedure: string): string {
    return `/t/${this.#workspace}/api/trpc/${procedure}`;
  }

  async #parse<Schema extends z.ZodType>(schema: Schema, answer: APIResponse): Promise<z.output<Schema>> {
    const text = await answer.text();
    expect(answer.status(), text).toBe(200);
    return schema.parse(Answer.parse(JSON.parse(text)).result.data.json);
  }
}
