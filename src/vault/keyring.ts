/**
 * The keys that seal and open: the master key, which only ever seals data keys and the vault's own secrets, and a data key
 * per tenant, which seals everything of that tenant. Data keys are unwrapped once and kept as KeyObjects, bounded in number.
 */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { open, SealBroken, type SealPlace, seal, sealedUnder } from './envelope.ts';

const MASTER_KEY_VERSION = 1;
const MAX_UNWRAPPED = 10_000;

/** A tenant's data keys as they lie in the database: version → envelope. */
export type SealedDataKeys = ReadonlyMap<number, Uint8Array>;

/** A tenant's data key cannot be unwrapped. It says nothing about the provider keys sealed under it. */
export class DataKeyUnavailable extends Error {
  constructor(tenantId: number, version: number) {
    super(`data key ${version} of tenant ${tenantId} cannot be unwrapped`);
    this.name = 'DataKeyUnavailable';
  }
}

export class Keyring {
  readonly #master: KeyObject;
  readonly #unwrapped = new LRUCache<string, KeyObject>({ max: MAX_UNWRAPPED });

  /** `masterKey`: 32 bytes. The caller's copy is wiped. */
  constructor(masterKey: Buffer) {
    this.#master = createSecretKey(masterKey);
    masterKey.fill(0);
  }

  /** Seals one of the vault's own secrets under the master key. */
  sealOwn(purpose: 'master-key-check' | 'token-pepper', plaintext: Uint8Array): Buffer {
    return seal(this.#master, MASTER_KEY_VERSION, { purpose, tenantId: 0, id: 0 }, plaintext);
  }

  /** Opens what {@link sealOwn} sealed; throws SealBroken, under another master key too. */
  openOwn(purpose: 'master-key-check' | 'token-pepper', envelope: Uint8Array): Buffer {
    return open(this.#master, { purpose, tenantId: 0, id: 0 }, envelope);
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

function dataKeyPlace(tenantId: number, version: number): SealPlace {
  return { purpose: 'data-key', tenantId, id: version };
}
