import type { Logger } from 'pino';
import type { z } from 'zod';

import { SmallEnvelope } from '@gatehouse/protocol/envelope';
import { isSigningKey, Keyset, type KeysetPush, type KeysetStatus } from '@gatehouse/protocol/keyset';

import type { Identity } from '../state/identity.ts';
import { parseJson } from '../state/parse-json.ts';
import { describeDiskError, readSpareState, writeKept, type StateDir } from '../state/state-dir.ts';
import type { RevocationView } from './current.ts';
import { describeIssues, openEnvelope, type Keys, type Trust } from './trust.ts';

export interface KeyringOptions {
  dir: StateDir;
  identity: Identity;
  now: () => number;
  log: Logger;
}

interface Held {
  keyset: Keyset;
  envelope: z.infer<typeof SmallEnvelope>;
  /** of the keys that may sign */
  signing: Keys;
  /** of all */
  all: Keys;
}

/**
 * Whose signatures this agent accepts: those of the keys in the newest keyset that the tenant's root, pinned at enrolment, has signed. Before the
 * first keyset, as with a control plane that has none, the root signs everything.
 */
export class Keyring implements Trust {
  readonly tenantId: string;
  readonly siteId: string;
  readonly agentId: string;
  readonly #options: KeyringOptions;
  readonly #root: Keys;
  #held: Held | null;
  #isSaved = true;
  #saving: Promise<void> = Promise.resolve();
  #log: RevocationView['revocations'] | null = null;

  /** Reads the stored keyset; where that is damaged, the one before it. */
  constructor(options: KeyringOptions) {
    const { tenantId, siteId, agentId, rootKeyId, rootPublicKey } = options.identity;
    this.tenantId = tenantId;
    this.siteId = siteId;
    this.agentId = agentId;
    this.#options = options;
    this.#root = new Map([[rootKeyId, Buffer.from(rootPublicKey, 'base64')]]);
    const { path, previous } = options.dir.keyset;
    this.#held = this.#readStored(path) ?? this.#readStored(previous);
  }

  /** Whose signature counts on what arrives now: nobody's once the keyset has ended, and never that of a key that the revocation log ends. */
  get keys(): Keys {
    const now = this.#options.now();
    if (this.#held && now >= Date.parse(this.#held.keyset.notAfter)) return new Map();
    const signing = this.#held?.signing ?? this.#root;
    return new Map([...signing].filter(([id]) => !this.#log?.isBarred({ kind: 'signing_key', id }, now)));
  }

  /** What is on the disk was verified when it came, so a key that was retired since is no reason to stop serving it. */
  get storedKeys(): Keys {
    return this.#held?.all ?? this.#root;
  }

  isRetired(keyId: string): boolean {
    return this.#held !== null && this.#held.all.has(keyId) && !this.#held.signing.has(keyId);
  }

  /** From now on, keys that this log ends do not count, whatever an older keyset says of them. */
  followLog({ revocations }: Pick<RevocationView, 'revocations'>): void {
    this.#log = revocations;
  }

  getStatus(): KeysetStatus {
    return { type: 'keyset-status', keyset: this.#held?.envelope ?? null };
  }

  /** Takes in a newer keyset of this tenant; anything else is left out. In force before this returns, and on disk when it resolves. */
  async take({ keyset: envelope }: KeysetPush): Promise<void> {
    const { log, now } = this.#options;
    const opened = this.#open(envelope);
    const version = this.#held?.keyset.version ?? 0;
    if (typeof opened === 'string') return log.error({ reason: opened }, 'a keyset was refused');
    if (opened.keyset.version === version && envelope.payload === this.#held?.envelope.payload) return;
    if (opened.keyset.version <= version) {
      return log.error(
        { version: opened.keyset.version, held: version },
        'a keyset was refused: it is not newer than the one held',
      );
    }
    if (now() >= Date.parse(opened.keyset.notAfter)) {
      return log.error(
        { notAfter: opened.keyset.notAfter },
        "a keyset was refused: it has ended; is this machine's clock right?",
      );
    }
    this.#held = opened;
    this.#isSaved = false;
    log.info({ version: opened.keyset.version, keys: [...opened.signing.keys()] }, 'keyset taken in');
    await this.save();
  }

  /** Puts on disk what is not there yet. Never rejects: it is in force, and is tried again. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  async #save(): Promise<void> {
    const { dir, log } = this.#options;
    const held = this.#held;
    if (this.#isSaved || !held) return;
    try {
      await writeKept(dir, dir.keyset, JSON.stringify(held.envelope));
      this.#isSaved = held === this.#held;
    } catch (error) {
      log.error({ reason: describeDiskError(error, dir.path) }, 'the keyset is in force but could not be stored');
    }
  }

  #readStored(path: string): Held | null {
    const text = readSpareState(path, this.#options.log);
    if (text === null) return null;
    const envelope = parseJson(text, SmallEnvelope);
    const opened = envelope ? this.#open(envelope) : 'It is damaged.';
    if (typeof opened !== 'string') return opened;
    this.#options.log.error({ path, reason: opened }, 'a stored keyset is not used');
    return null;
  }

  /** The keyset when the root has signed it for this tenant, else why it is none. */
  #open(envelope: Held['envelope']): Held | string {
    const opened = openEnvelope(this.#root, envelope, 'application/vnd.gatehouse.keyset+json');
    if (!opened.ok) return opened.message;
    const { data: keyset, error } = Keyset.safeParse(opened.value);
    if (error) return `It cannot be read: ${describeIssues(error)}`;
    if (keyset.tenantId !== this.tenantId) return 'It is of another tenant.';
    const { keys } = keyset;
    const signing = keys.filter((key) => isSigningKey(keyset, key));
    if (signing.length === 0) return 'None of its keys may sign.';
    return { keyset, envelope, signing: toKeys(signing), all: toKeys(keys) };
  }
}

function toKeys(keys: Keyset['keys']): Keys {
  return new Map(keys.map(({ keyId, publicKey }) => [keyId, Buffer.from(publicKey, 'base64')]));
}
