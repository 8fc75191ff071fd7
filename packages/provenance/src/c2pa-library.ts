import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as library from "@contentauth/c2pa-wasm";

// The library is built for browsers. It loads on first use (9 MB, 30 ms), and is kept from the network: certificates are not
// asked after online, manifests elsewhere are not fetched.

export const SETTINGS = JSON.stringify({
  verify: { verify_after_sign: false, verify_trust: false, remote_manifest_fetch: false, ocsp_fetch: false },
});

/** All of a file is in memory several times while it is signed or checked. */
export const LARGEST_SIGNED = 2 ** 28;

let loaded = false;

export function c2paLibrary(): typeof library {
  if (!loaded) {
    const path = createRequire(import.meta.url).resolve("@contentauth/c2pa-wasm/c2pa.wasm");
    library.initSync({ module: new Uint8Array(readFileSync(path)) });
    // The one reader of blobs that is synchronous; Node has none. It is only ever given the blobs of `blobOf`.
    (globalThis as { FileReaderSync?: unknown }).FileReaderSync ??= class {
      readAsArrayBuffer({ bytes }: ByteBlob): ArrayBuffer {
        return Uint8Array.from(bytes).buffer;
      }
    };
    loaded = true;
  }
  return library;
}

interface ByteBlob {
  readonly bytes: Uint8Array;
  readonly size: number;
  slice(from: number, to: number): ByteBlob;
}

/** What the library needs of a Blob. */
export function blobOf(bytes: Uint8Array): Blob {
  const part = (piece: Uint8Array): ByteBlob => ({
    bytes: piece,
    size: piece.length,
    slice: (from, to) => part(piece.subarray(from, to)),
  });
  return part(bytes) as unknown as Blob;
}
