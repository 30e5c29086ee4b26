/** One field of a protobuf message: its number, and a number or the bytes of it. */
export interface Field {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/**
 * The fields of a protobuf message, in the order in which they were written. Which of the bytes are
 * messages again only a schema knows.
 */
export function fieldsOf(message: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number) => {
    if (at + length > message.length) throw new RangeError('a field ends after its message');
    at += length;
    return message.subarray(at - length, at);
  };
  const read = (type: number) => {
    if (type === 0) return varint();
    if (type === 1)
      return new DataView(message.buffer, bytes(8).byteOffset, 8).getBigUint64(0, true);
    if (type === 2) return bytes(Number(varint()));
    if (type === 5) return bytes(4);
    throw new RangeError(`a field has the unknown type ${type}`);
  };
  while (at < message.length) {
    const key = Number(varint());
    fields.push({ number: key >> 3, value: read(key & 7) });
  }
  return fields;
}
