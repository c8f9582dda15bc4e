/** A ZIP archive of programs that are stored, not compressed, as a download of a release is served in tests. */
export function zipArchive(files: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(files).map(([name, text]) => ({ name: Buffer.from(name), data: Buffer.from(text) }));
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const local = Buffer.concat([header(0x04034b50, [[20, 2], ...common(name, data), [0, 2]]), name, data]);
    const fields = [...common(name, data), [0, 2], [0, 2], [0, 2], [0, 2], [UNIX_MODE, 4], [offset, 4]];
    const central = [[MADE_ON_UNIX, 2], [20, 2], ...fields];
    directory.push(header(0x02014b50, central as Field[]), name);
    locals.push(local);
    offset += local.length;
  }
  const size = Buffer.concat(directory).length;
  const count: Field[] = [
    [entries.length, 2],
    [entries.length, 2],
  ];
  const end = header(0x06054b50, [[0, 2], [0, 2], ...count, [size, 4], [offset, 4], [0, 2]]);
  return Buffer.concat([...locals, ...directory, end]);
}

const MADE_ON_UNIX = (3 << 8) | 20;

/** An ordinary file that may be run, in the upper half. */
const UNIX_MODE = (0o100755 << 16) >>> 0;

/** A number and its width in bytes. */
type Field = readonly [value: number, width: number];

/** Flags, method (stored), time, date, CRC (which readers leave unchecked here), sizes and the name's length. */
const common = (name: Buffer, data: Buffer): Field[] => [
  [0, 2],
  [0, 2],
  [0, 2],
  [0, 2],
  [0, 4],
  [data.length, 4],
  [data.length, 4],
  [name.length, 2],
];

function header(signature: number, fields: readonly Field[]): Buffer {
  const parts = ([[signature, 4], ...fields] as Field[]).map(([value, width]) => {
    const bytes = Buffer.alloc(width);
    bytes.writeUIntLE(value, 0, width);
    return bytes;
  });
  return Buffer.concat(parts);
}
