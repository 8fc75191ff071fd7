import { ProsoponError } from "@prosopon/errors";

/** What a record of the binary stream holds. */
export const recordTypes = { frame: 1, gap: 2, reset: 3, end: 4 } as const;

/** A record of the binary stream: `u32 length | u8 type | u32 epoch | u64 seq | f64 pts | bytes`, big endian, length without itself. */
export interface StreamRecord {
  readonly type: number;
  readonly epoch: number;
  readonly seq: number;
  /** Seconds; 0 where it means nothing. */
  readonly pts: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes of a record before its own: type, epoch, seq and pts. */
const head = 1 + 4 + 8 + 8;
/** No frame is larger; a longer record is a stream out of step. */
const largest = 64 * 2 ** 20;

/** A record as bytes. */
export function encodeRecord({ type, epoch, seq, pts, bytes }: StreamRecord): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(4 + head + bytes.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, head + bytes.length);
  view.setUint8(4, type);
  view.setUint32(5, epoch);
  view.setBigUint64(9, BigInt(seq));
  view.setFloat64(17, pts);
  record.set(bytes, 25);
  return record;
}

/**
 * The records in a stream of bytes that is cut anywhere. A record that the end cuts off is dropped.
 * @throws ProsoponError `bad-file` if a length is impossible.
 */
export async function* records(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamRecord, void, undefined> {
  let waiting: Uint8Array[] = [];
  let held = 0;
  let wanted = 4;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    held += chunk.length;
    if (held < wanted) continue;
    let bytes = waiting.length === 1 ? chunk : joined(waiting, held);
    while (true) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      wanted = bytes.length < 4 ? 4 : 4 + view.getUint32(0);
      if (bytes.length >= 4 && (wanted < 4 + head || wanted > largest)) {
        throw new ProsoponError(
          "bad-file",
          `A record of ${wanted - 4} bytes is impossible: the stream is out of step.`,
          {
            values: { length: wanted - 4 },
          },
        );
      }
      if (bytes.length < wanted || bytes.length < 4) break;
      yield {
        type: view.getUint8(4),
        epoch: view.getUint32(5),
        seq: Number(view.getBigUint64(9)),
        pts: view.getFloat64(17),
        bytes: bytes.slice(25, wanted) as Uint8Array<ArrayBuffer>,
      };
      bytes = bytes.subarray(wanted);
    }
    waiting = bytes.length > 0 ? [bytes] : [];
    held = bytes.length;
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
