// Gives the memory of large buffers back at once. The garbage collector only learns of megabytes outside of its heap when
// it looks for dead objects, and a collector of large clusters makes it look several times a minute: measured at 10,000
// guests, that was a quarter of all CPU.
import { MessageChannel } from "node:worker_threads";

const { port1: nowhere, port2 } = new MessageChannel();
port2.close();
nowhere.unref();

/** Up to here a buffer may be what a socket was read into, or a pool, and be somebody else's as well. */
const sharedUpToBytes = 64 * 1024;

/**
 * Frees what is behind the views, which are empty from then on: only for buffers that nobody else holds. Buffers that
 * are small or shared stay as they are.
 */
export function freeBuffers(...views: readonly ArrayBufferView[]): void {
  for (const { buffer } of views) {
    // Moving a buffer away takes it from this thread, and a closed port drops what it is sent.
    if (buffer instanceof ArrayBuffer && buffer.byteLength > sharedUpToBytes) nowhere.postMessage(null, [buffer]);
  }
}
