/**
 * The keys that seal and open: the master key, which only ever seals data keys and the vault's own secrets, and a data key
 * per tenant, which seals everything of that tenant. Data keys are unwrapped once and kept as KeyObjects, bounded in number.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { open, SealBroken, type SealPlace, seal, sealedUnder } from './envelope.ts';

const MASTER_KEY_VERSION = 1;
const MAX_UNWRAPPED = 10_000;
/** A key that is delivered many times a second is opened once in this time; then what was open is wiped. */
const OPEN_MS = 1_000;
const MAX_OPEN = 1_000;

/** A tenant's data keys as they lie in the database: version → envelope. */
export type SealedDataKeys = ReadonlyMap<number, Uint8Array>;

/** A tenant's data key cannot be unwrapped. It says nothing about the provider keys sealed under it. */
export class DataKeyUnavailable extends Error {
  constructor(tenantId: number, version: number) {
    super(`data key ${version} of tenant ${tenantId} cannot be unwrapped`);
    this.name = 'DataKeyUnavailable';
  }
}

/** What belongs to no tenant. */
type OwnPurpose = 'master-key-check' | 'token-pepper' | 'idempotent-reply';

interface Opened {
  readonly place: SealPlace;
  readonly plaintext: Buffer;
}

export class Keyring {
  readonly #master: KeyObject;
  readonly #unwrapped = new LRUCache<string, KeyObject>({ max: MAX_UNWRAPPED });
  readonly #opened = new LRUCache<Uint8Array, Opened>({
    max: MAX_OPEN,
    ttl: OPEN_MS,
    ttlAutopurge: true,
    dispose: ({ plaintext }) => plaintext.fill(0),
  });

  /** `masterKey`: 32 bytes. The caller's copy is wiped. */
  constructor(masterKey: Buffer) {
    this.#master = createSecretKey(masterKey);
    masterKey.fill(0);
  }

  /** Seals one of the vault's own secrets under the master key; `id` where there are several of a purpose. */
  sealOwn(purpose: OwnPurpose, plaintext: Uint8Array, id = 0): Buffer {
    return seal(this.#master, MASTER_KEY_VERSION, { purpose, tenantId: 0, id }, plaintext);
  }

  /** Opens what {@link sealOwn} sealed; throws SealBroken, under another master key too. */
  openOwn(purpose: OwnPurpose, envelope: Uint8Array, id = 0): Buffer {
    return open(this.#master, { purpose, tenantId: 0, id }, envelope);
  }

  /** A new data key for a tenant, sealed. */
  newDataKey(tenantId: number, version: number): Buffer {
    const bytes = randomBytes(32);
    const envelope = seal(this.#master, MASTER_KEY_VERSION, dataKeyPlace(tenantId, version), bytes);
    bytes.fill(0);
    return envelope;
  }

  /** Seals a secret of a tenant under the newest of its data keys. Throws {@link DataKeyUnavailable}. */
  seal(dataKeys: SealedDataKeys, place: SealPlace, plaintext: Uint8Array): Buffer {
    const version = Math.max(...dataKeys.keys());
    return seal(this.#dataKey(dataKeys, place.tenantId, version), version, place, plaintext);
  }

  /** Opens a secret of a tenant. Throws SealBroken for the envelope and {@link DataKeyUnavailable} for its key. */
  open(dataKeys: SealedDataKeys, place: SealPlace, envelope: Uint8Array): Buffer {
    const version = sealedUnder(envelope, place);
    if (!dataKeys.has(version)) throw new SealBroken(place);
    return open(this.#dataKey(dataKeys, place.tenantId, version), place, envelope);
  }

  /**
   * The same as text, for a secret that is asked for again and again: it stays open in memory for at most a second, by
   * the very envelope that it was opened from, and for the same place only.
   */
  openText(dataKeys: SealedDataKeys, place: SealPlace, envelope: Uint8Array): string {
    const opened = this.#opened.get(envelope);
    if (opened !== undefined && samePlace(opened.place, place)) return opened.plaintext.toString('utf8');
    const plaintext = this.open(dataKeys, place, envelope);
    const text = plaintext.toString('utf8');
    this.#opened.set(envelope, { place, plaintext });
    return text;
  }

  /** Forgets a tenant's data keys, when they were destroyed. */
  forget(tenantId: number): void {
    const prefix = `${tenantId}/`;
    for (const name of this.#unwrapped.keys()) if (name.startsWith(prefix)) this.#unwrapped.delete(name);
  }

  #dataKey(dataKeys: SealedDataKeys, tenantId: number, version: number): KeyObject {
    const name = `${tenantId}/${version}`;
    const known = this.#unwrapped.get(name);
    if (known !== undefined) return known;
    const envelope = dataKeys.get(version);
    if (envelope === undefined) throw new DataKeyUnavailable(tenantId, version);
    let bytes: Buffer;
    try {
      bytes = open(this.#master, dataKeyPlace(tenantId, version), envelope);
    } catch {
      throw new DataKeyUnavailable(tenantId, version);
    }
    const key = createSecretKey(bytes);
    bytes.fill(0);
    this.#unwrapped.set(name, key);
    return key;
  }
}

function samePlace(one: SealPlace, other: SealPlace): boolean {
  return one.id === other.id && one.tenantId === other.tenantId && one.purpose === other.purpose;
}

function dataKeyPlace(tenantId: number, version: number): SealPlace {
  return { purpose: 'data-key', tenantId, id: version };
}
