// A file that only grows, and what the journal asks of it. Synchronous on purpose: the thread pool may be busy with
// queries for seconds, and an acknowledgement must not wait for them.
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

export interface AppendFile {
  /** Writes all bytes at the end, or throws. */
  append(bytes: Uint8Array): void;
  /** Returns when what was written is on the disk. */
  sync(): void;
  /** Cuts off what a failed write left behind. */
  truncate(length: number): void;
  close(): void;
}

export type OpenAppendFile = (path: string) => AppendFile;

export const openAppendFile: OpenAppendFile = (path) => {
  const file = openSync(path, "a+", 0o640);
  return {
    append: (bytes) => {
      let done = 0;
      while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done);
    },
    sync: () => fdatasyncSync(file),
    truncate: (length) => ftruncateSync(file, length),
    close: () => closeSync(file),
  };
};

/** Makes a new or removed file name survive a power loss. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
