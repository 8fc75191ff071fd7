import { RECORD_HEADER } from "../frames/frame-record.ts";

export interface ReadRecord {
  readonly type: number;
  readonly epoch: number;
  readonly seq: number;
  readonly pts: number;
  readonly bytes: Buffer;
}

/** The records of a binary stream's bytes. */
export function readRecords(bytes: Buffer): readonly ReadRecord[] {
  const records: ReadRecord[] = [];
  for (let at = 0; at + RECORD_HEADER <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    records.push({
      type: bytes.readUInt8(at + 4),
      epoch: bytes.readUInt32BE(at + 5),
      seq: Number(bytes.readBigUInt64BE(at + 9)),
      pts: bytes.readDoubleBE(at + 17),
      bytes: bytes.subarray(at + RECORD_HEADER, at + 4 + length),
    });
    at += 4 + length;
  }
  return records;
}
