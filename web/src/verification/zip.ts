/** Reads a zip archive with what the browser has: the names in its directory, and each file's bytes. */

const MAX_FILES = 20_000;
const MAX_BYTES = 512 * 1024 * 1024;
const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

/** The files of an archive by their names. Throws an `Error` in words for what is no such archive. */
export async function unzipped(data: Uint8Array): Promise<Map<string, Uint8Array>> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let end = data.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new Error("It is not a zip archive, or not a whole one.");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let whole = 0;
  const files = new Map<string, Uint8Array>();
  for (let number = 0; number < count; number += 1) {
    if (at + 46 > data.length || view.getUint32(at, true) !== ENTRY) throw new Error("Its list of files is damaged.");
    const method = view.getUint16(at + 10, true);
    const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    whole += size;
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number];
    const local = view.getUint32(at + 42, true);
    const called = new TextDecoder().decode(data.subarray(at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
    if (files.size >= MAX_FILES || whole > MAX_BYTES) throw new Error("It holds more than anything that is published.");
    if (called.endsWith("/")) continue;
    if (files.has(called)) throw new Error(`It holds two files by the name ${called}.`);
    // Other programs go by the names beside the contents: both must say the same.
    const own = data.subarray(local + 30, local + 30 + name);
    if (local + 30 > data.length || view.getUint32(local, true) !== LOCAL || new TextDecoder().decode(own) !== called) {
      throw new Error("Its list of files is damaged.");
    }
    const begins = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    files.set(called, await content(data.subarray(begins, begins + packed), method, size));
  }
  return files;
}

/** What is packed, of so many bytes: no more is unpacked, whatever there is. */
async function content(packed: Uint8Array, method: number, size: number): Promise<Uint8Array> {
  if (method !== 0 && method !== 8) throw new Error("It is packed in a way that this page does not read.");
  const whole = new Uint8Array(size);
  let filled = 0;
  const blob = new Blob([packed as BlobPart]).stream();
  const reader = (method === 0 ? blob : blob.pipeThrough(new DecompressionStream("deflate-raw"))).getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (filled + read.value.length > size) {
      await reader.cancel();
      throw new Error("It holds more than it says.");
    }
    whole.set(read.value, filled);
    filled += read.value.length;
  }
  if (filled !== size) throw new Error("It holds less than it says.");
  return whole;
}
