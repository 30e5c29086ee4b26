import { gzipSync } from 'node:zlib';

export type Files = Readonly<Record<string, string>>;

const blockLength = 512;

/** A `.tar.gz` of the files, the same bytes for the same files. */
export function archive(files: Files): Buffer {
  const entries = Object.entries(files)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, text]) => {
      const content = Buffer.from(text);
      return [headerOf(path, content.length), content, paddingFor(content.length)];
    });
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(2 * blockLength)]));
}

const paddingFor = (length: number) =>
  Buffer.alloc((blockLength - (length % blockLength)) % blockLength);

/** Of the oldest format there is, for plain files alone. */
function headerOf(path: string, length: number): Buffer {
  const header = Buffer.alloc(blockLength);
  header.write(path, 0, 100);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
