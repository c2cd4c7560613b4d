import { join, normalize, sep } from 'node:path';

import { listCredentials, type OneCredential, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { MIN_SECRET_LENGTH } from '@gatehouse/redaction/held-secrets';
import { countKnownLetters } from '@gatehouse/redaction/written-forms';

import { listOffers, resolveFile, type Offer, type OfferSources } from './offers.ts';
import { readSecretFile, SecretUnavailable } from './secret-file.ts';

/**
 * The value that a reference names, for requests to these origins and to no other. Rejects with SecretUnavailable, before anything is read,
 * unless the site binds it to every one of them.
 */
export type ResolveSecret = (reference: string, origins: Origins) => Promise<string>;

/** Whoever sees a secret has a name: there is always one. */
export type Origins = readonly [string, ...string[]];

export interface SiteSecretsOptions extends OfferSources {
  /** how the guardrails file is called in what people read */
  guardrailsFile: string;
  /** told every value before the caller gets it, so that it is scrubbed wherever it turns up */
  onSecret: (value: string) => void;
}

const MAX_SECRET_CHARACTERS = 64 * 1024;

/** A text that was read, and the credential in it. */
interface Accepted {
  text: string;
  value: string;
}

/** The credentials that the site offers. What it does not offer cannot be read through this, however it is named. */
export class SiteSecrets {
  readonly #options: SiteSecretsOptions;
  #offers: ReadonlyMap<string, Offer> = new Map();
  #refreshing: Promise<string[]> | null = null;
  /** what was read last and found fit: the same text is not looked at again at each call */
  readonly #accepted = new WeakMap<Offer, Accepted>();

  constructor(options: SiteSecretsOptions) {
    this.#options = options;
  }

  /** Looks again at what is offered, and makes every value of it known before any server can be sent one. Returns what is wrong with them. */
  refresh(): Promise<string[]> {
    return (this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = null)));
  }

  async #refresh(): Promise<string[]> {
    const { offers, problems } = await listOffers(this.#options);
    this.#offers = offers;
    const unusable = await Promise.all(
      Array.from(this.#offers, ([reference, offer]) =>
        this.#readAnew(reference, offer).then(
          () => null,
          (error: unknown) => describeProblem(error),
        ),
      ),
    );
    return [...problems, ...unusable.filter((problem) => problem !== null)];
  }

  readonly resolve: ResolveSecret = async (reference, origins) => {
    const key = toKey(reference);
    const offer = this.#offers.get(key instanceof Promise ? await key : key) ?? (await this.#findAnew(reference));
    if (!offer) throw this.#describeUnbound(reference, [], origins[0]);
    const barred = origins.find((origin) => !offer.origins.includes(origin));
    if (barred !== undefined) throw this.#describeUnbound(reference, offer.origins, barred);
    const text = this.#read(reference, offer);
    return this.#accept(reference, offer, text instanceof Promise ? await text : text);
  };

  /** Why this server cannot get its credential here; null when it can, or needs none. */
  async explain({ transport }: SnapshotServer): Promise<string | null> {
    if (transport.kind === 'stdio' || !transport.credential) return null;
    const server = new URL(transport.kind === 'http' ? transport.url : transport.baseUrl).origin;
    const problems = await Promise.all(
      listCredentials(transport.credential).map((credential) =>
        this.resolve(credential.reference, listDestinations(credential, server)).then(
          () => [],
          (error: unknown) => [describeProblem(error)],
        ),
      ),
    );
    const named = new Set(problems.flat());
    return named.size === 0 ? null : [...named].join(' ');
  }

  /** A file that was replaced or put there just now is found by looking again. */
  async #findAnew(reference: string): Promise<Offer | null> {
    await this.refresh();
    return this.#offers.get(await toKey(reference)) ?? null;
  }

  async #readAnew(reference: string, offer: Offer): Promise<string> {
    return this.#accept(reference, offer, await this.#read(reference, offer));
  }

  #read(reference: string, { place }: Offer): Promise<string> | string | undefined {
    return 'variable' in place ? this.#options.environment[place.variable] : readSecretFile(reference, place.file);
  }

  /** The value that a text holds. Throws SecretUnavailable when it is none that could be taken out of answers. */
  #accept(reference: string, offer: Offer, text: string | undefined): string {
    const known = this.#accepted.get(offer);
    if (known && known.text === text) return known.value;
    if (!text)
      throw new SecretUnavailable(`${reference} is ${text === '' ? 'empty' : 'not set'} on this agent. Give it its value.`);
    const value = text.replace(/\r?\n$/, '');
    if (countKnownLetters(value) < MIN_SECRET_LENGTH) {
      throw new SecretUnavailable(
        `${reference} is shorter than ${MIN_SECRET_LENGTH} characters (an escape such as %41 counts as one): it could not be told from ordinary text and taken out of answers. Use a longer one.`,
      );
    }
    if (value.length > MAX_SECRET_CHARACTERS) throw new SecretUnavailable(`${reference} is too long for a credential.`);
    this.#options.onSecret(value);
    this.#accepted.set(offer, { text, value });
    return value;
  }

  /** The same whether or not the place exists, so that nobody finds out by asking. */
  #describeUnbound(reference: string, bound: readonly string[], origin: string): SecretUnavailable {
    const { secretsDir, guardrailsFile } = this.#options;
    const place = reference.slice(reference.indexOf(':') + 1);
    const { protocol, host } = new URL(origin);
    const ways = [`name it with this origin under credentials in ${guardrailsFile}`];
    if (reference.startsWith('env:SECRET_')) ways.unshift(`set ${place} and ${place}_ORIGIN=${origin}`);
    else if (protocol === 'https:') ways.unshift(`put it into ${describeFile(secretsDir, host, place)}`);
    return new SecretUnavailable(
      `This site does not offer ${reference} to ${origin}${bound.length > 0 ? `, only to ${bound.join(', ')}` : ''}. On the agent's machine ${ways.join(', or ')}.`,
    );
  }
}

/**
 * Every origin that sees a secret or a token that is had for it. A client secret goes to its token endpoint and the token to the server: both
 * have to be bound, or a changed address would get a token as good as the secret.
 */
export function listDestinations(credential: OneCredential, server: string): Origins {
  return credential.kind === 'client_credentials' ? [new URL(credential.tokenUrl).origin, server] : [server];
}

function toKey(reference: string): Promise<string> | string {
  if (!reference.startsWith('file:')) return reference;
  return resolveFile(reference.slice('file:'.length)).then((path) => `file:${path}`);
}

/** Where the file would have to be: where it was looked for, when that is the host's own folder. */
function describeFile(secretsDir: string, host: string, place: string): string {
  const folder = join(secretsDir, host) + sep;
  return normalize(place).startsWith(folder) ? normalize(place) : `${folder}<name> and refer to it by file:`;
}

function describeProblem(error: unknown): string {
  if (error instanceof SecretUnavailable) return error.message;
  throw error;
}
