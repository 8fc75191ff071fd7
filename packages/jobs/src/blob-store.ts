/** What is known of a stored file. */
export interface BlobRecord {
  /** Unguessable, `[a-z0-9]`. */
  readonly id: string;
  readonly tenant: string;
  readonly mime: string;
  /** A file name with its ending, no folder. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Of the bytes, hexadecimal. */
  readonly sha256: string;
  /** Unix time, milliseconds. */
  readonly createdAt: number;
}

export interface PutOptions {
  readonly mime: string;
  readonly tenant: string;
  readonly name: string;
  /** Largest size in bytes. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface ByteRange {
  /** First byte. */
  readonly start: number;
  /** Last byte, included; the last of the file if not given. */
  readonly end?: number;
}

/** Uploads and artifacts. Whoever may read one is decided by its `tenant`, by the caller. */
export interface BlobStore {
  /** The whole file or nothing. @throws `bad-input` beyond `limit`, `cancelled`, `output` when it cannot be written. */
  put(source: Uint8Array | AsyncIterable<Uint8Array>, options: PutOptions): Promise<BlobRecord>;
  describe(id: string): Promise<BlobRecord | undefined>;
  /** @throws `not-found`. */
  get(id: string): Promise<Uint8Array>;
  /** A part, or all, in pieces. @throws `not-found`, `bad-input` for a range outside the file. */
  range(id: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Nothing if it is unknown. */
  delete(id: string): Promise<void>;
  /** Deletes what is older than `milliseconds`, of one tenant if given. @returns how many. */
  expire(milliseconds: number, options?: { readonly tenant?: string }): Promise<number>;
  /** Bytes stored for a tenant, for quotas. */
  used(tenant: string): Promise<number>;
}
