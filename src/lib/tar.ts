// Writes a tar archive (ustar) of small files, for what people unpack with the tools that they have.

export interface TarFile {
  /** At most 100 bytes; folders by slashes. */
  readonly name: string;
  readonly content: string;
}

const blockBytes = 512;

/** `atMs`: the time that all files get. Throws a RangeError for a name that does not fit. */
export function tarOf(files: readonly TarFile[], atMs: number): Buffer {
  const parts = files.flatMap(({ name, content }) => {
    const body = Buffer.from(content);
    const filling = Buffer.alloc((blockBytes - (body.length % blockBytes)) % blockBytes);
    return [headerOf(name, body.length, atMs), body, filling];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)]);
}

/** Name, mode, owner, group, size, time, checksum, type, and the word that says which form this is. */
function headerOf(name: string, size: number, atMs: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`"${name}" is too long for a tar archive`);
  const header = Buffer.alloc(blockBytes);
  header.write(name, 0);
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(Math.floor(atMs / 1000), 11), 136);
  // The sum is taken with blanks in its own place.
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
