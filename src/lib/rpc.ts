// Calls between threads: an object's async methods on one side, a proxy with the same methods on the other.
// Errors keep their class name, code and message, so that the class can still decide what happens next.
import type { MessagePort, Transferable, Worker } from "node:worker_threads";

type Port = Pick<MessagePort | Worker, "postMessage" | "on">;
type Methods = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

interface Call {
  readonly call: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
interface Reply {
  readonly reply: number;
  readonly value?: unknown;
  readonly error?: WireError;
}
interface WireError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

export type ReviveError = (error: WireError) => Error;

/** Answers calls that come over `port`. A value made by `withTransfer` is moved, not copied. */
export function serveRpc(port: Port, methods: object): void {
  port.on("message", (message: unknown) => {
    if (!isCall(message)) return;
    const method = (methods as Methods)[message.method];
    const run = async (): Promise<unknown> => {
      if (method === undefined) throw new TypeError(`no method ${message.method}`);
      return method.apply(methods, message.args as never[]);
    };
    run().then(
      (value) => {
        const transfer = value instanceof Moved ? value.transfer : [];
        port.postMessage(
          { reply: message.call, value: value instanceof Moved ? value.value : value } satisfies Reply,
          transfer,
        );
      },
      (error: unknown) => port.postMessage({ reply: message.call, error: toWire(error) } satisfies Reply),
    );
  });
}

class Moved {
  readonly value: unknown;
  readonly transfer: readonly Transferable[];
  constructor(value: unknown, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

/** Marks the result of a served method as moved to the caller together with `transfer`. */
export const withTransfer = <T>(value: T, transfer: readonly Transferable[]): T => new Moved(value, transfer) as T;

export interface RpcClient {
  call<T>(method: string, args: readonly unknown[], transfer?: readonly Transferable[]): Promise<T>;
  /** Fails everything that is under way and everything asked later. */
  fail(error: Error): void;
}

/** The calling side. `revive` turns an error's name and message back into an error of ours. */
export function rpcClient(
  port: Port,
  revive: ReviveError = (error) => Object.assign(new Error(error.message), { name: error.name }),
): RpcClient {
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let next = 1;
  let broken: Error | undefined;
  port.on("message", (message: unknown) => {
    if (!isReply(message)) return;
    const waiting = pending.get(message.reply);
    pending.delete(message.reply);
    if (message.error === undefined) waiting?.resolve(message.value as never);
    else waiting?.reject(revive(message.error));
  });
  return {
    call: (method, args, transfer = []) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) {
          reject(broken);
          return;
        }
        const call = next++;
        pending.set(call, { resolve, reject });
        port.postMessage({ call, method, args } satisfies Call, transfer);
      }),
    fail: (error) => {
      broken = error;
      for (const waiting of pending.values()) waiting.reject(error);
      pending.clear();
    },
  };
}

const isCall = (message: unknown): message is Call =>
  typeof message === "object" && message !== null && "call" in message;
const isReply = (message: unknown): message is Reply =>
  typeof message === "object" && message !== null && "reply" in message;

function toWire(error: unknown): WireError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const code = (error as { code?: unknown }).code;
  return { name: error.name, message: error.message, ...(typeof code === "string" ? { code } : {}) };
}
