// The live stream: takes connections, reads what they ask for, keeps them honest and awake, and ends them when their
// session or token ends.
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { may, type Principal } from "../../model/access.ts";
import type { FleetView } from "../../model/fleet.ts";
import type { Authenticator, Identity } from "../auth/authenticate.ts";
import type { OwnMetrics } from "../own-metrics.ts";
import type { ServeLimits } from "../settings.ts";
import { Channels } from "./channels.ts";
import { type ClientMessage, MessageRate, parseMessage } from "./client-messages.ts";
import { StreamClient, type StreamSocket } from "./stream-client.ts";
import type { Topic } from "./topic.ts";

export interface StreamHubOptions {
  readonly fleet: FleetView;
  readonly topics: readonly Topic[];
  readonly authenticator: Pick<Authenticator, "recheck">;
  readonly metrics: Pick<OwnMetrics, "countFrames" | "countSkips">;
  readonly clock: Clock;
  readonly limits: ServeLimits;
  readonly log: Log;
}

interface Connection {
  readonly socket: StreamSocket;
  readonly client: StreamClient;
  readonly rate: MessageRate;
  /** Every topic that was asked for, known or not. */
  readonly asked: Set<string>;
  /** By the monotonic clock. */
  heardAt: number;
}

/** Codes of RFC 6455, section 7.4.1. */
const closeCodes = { goingAway: 1001, unsupportedData: 1003, policyViolation: 1008 } as const;
const closeGraceMs = 1_000;

export class StreamHub {
  readonly #options: StreamHubOptions;
  readonly #channels: Channels;
  readonly #connections = new Set<Connection>();
  readonly #timers: readonly NodeJS.Timeout[];
  #closing = false;

  constructor(options: StreamHubOptions) {
    for (const topic of options.topics) {
      if (!/^[a-z]+:[a-z]+$/.test(topic.permission)) throw new TypeError(`topic ${topic.name} declares no permission`);
    }
    this.#options = options;
    const { fleet, clock, limits } = options;
    this.#channels = new Channels({
      fleet,
      clock,
      limits,
      onFrame: (topic, channel, text) => {
        for (const { client } of this.#connections) client.deliver(topic, channel, text);
      },
      isUsed: (channel) => [...this.#connections].some(({ client }) => client.follows(channel)),
    });
    this.#timers = [
      setInterval(() => this.#ping(), limits.streamPingMs),
      setInterval(() => void this.#recheck(), limits.streamRecheckMs),
    ];
  }

  get clients(): number {
    return this.#connections.size;
  }

  get isFull(): boolean {
    return this.#closing || this.#connections.size >= this.#options.limits.streamClients;
  }

  accept(socket: StreamSocket, { principal, credential }: Identity): void {
    const { metrics, limits, clock } = this.#options;
    const connection: Connection = {
      socket,
      client: new StreamClient({
        socket,
        principal,
        credential,
        bufferedBytes: limits.streamBufferedBytes,
        onSent: (topic) => metrics.countFrames(topic, 1),
        onSkip: (topic) => metrics.countSkips(topic),
      }),
      rate: new MessageRate(limits.streamMessagesPerSecond, clock),
      asked: new Set(),
      heardAt: clock.monotonic(),
    };
    this.#connections.add(connection);
    socket.on("close", () => this.#connections.delete(connection));
    // The close event follows; there is nobody else to tell.
    socket.on("error", (error) => this.#options.log.debug({ err: error }, "stream connection failed"));
    socket.on("pong", () => {
      connection.heardAt = clock.monotonic();
    });
    socket.on("message", (data: Buffer, isBinary: boolean) => this.#receive(connection, data, isBinary));
  }

  /** Tells every client that the service goes, and waits a moment for them to hear it. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#channels.close();
    const sockets = [...this.#connections].map(({ socket }) => socket);
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
    for (const socket of sockets) socket.close(closeCodes.goingAway, "Pilothouse is shutting down");
    const forced = setTimeout(() => {
      for (const socket of sockets) socket.terminate();
    }, closeGraceMs);
    await Promise.all(closed);
    clearTimeout(forced);
  }

  #receive(connection: Connection, data: Buffer, isBinary: boolean): void {
    const { socket, rate } = connection;
    if (!rate.allows()) {
      socket.close(closeCodes.policyViolation, "too many messages");
      return;
    }
    const parsed = isBinary ? ({ kind: "not-json" } as const) : parseMessage(data.toString("utf8"));
    if (parsed.kind === "not-json") socket.close(closeCodes.unsupportedData, "messages are JSON text");
    else if (parsed.kind === "unknown")
      sayError(socket, "bad_message", 'Say {"op":"subscribe","topic":…}, "unsubscribe" or "ping".');
    else this.#answer(connection, parsed.message);
  }

  #answer(connection: Connection, message: ClientMessage): void {
    if (message.op === "ping") connection.socket.send('{"op":"pong"}');
    else if (message.op === "unsubscribe") connection.client.unsubscribe(message.topic);
    else this.#subscribe(connection, message);
  }

  #subscribe({ socket, client, asked }: Connection, message: Extract<ClientMessage, { op: "subscribe" }>): void {
    asked.add(message.topic);
    if (asked.size > this.#options.limits.streamTopics) {
      socket.close(closeCodes.policyViolation, "too many topics");
      return;
    }
    const topic = this.#options.topics.find(({ name }) => name === message.topic);
    if (topic === undefined) sayError(socket, "unknown_topic", "There is no such topic.");
    else if (!may(client.principal, topic.permission))
      sayError(socket, "forbidden", "Your role may not read this topic.");
    else client.subscribe(topic.name, this.#channels.get(topic, client.principal.scope), message.epoch, message.seq);
  }

  /** The kernel takes megabytes for a client that has stopped reading; only a missing pong tells. */
  #ping(): void {
    const { clock, limits } = this.#options;
    for (const { socket, heardAt } of this.#connections) {
      if (clock.monotonic() - heardAt > limits.streamPongMs) socket.terminate();
      else socket.ping();
    }
    this.#channels.dropIdle();
  }

  /** Ends the connections whose session or token holds no more, or has other rights now; the client then signs in anew. */
  async #recheck(): Promise<void> {
    const known = new Map<string, Promise<Principal | undefined>>();
    for (const { socket, client } of [...this.#connections]) {
      const key = JSON.stringify(client.credential);
      const answer = known.get(key) ?? this.#options.authenticator.recheck(client.credential);
      known.set(key, answer);
      try {
        if (!hasSameRights(await answer, client.principal)) socket.close(closeCodes.policyViolation, "session ended");
      } catch (error) {
        this.#options.log.warn({ err: error }, "could not check the sessions of stream clients");
        return;
      }
    }
  }
}

const hasSameRights = (now: Principal | undefined, then: Principal): boolean =>
  now !== undefined && now.role === then.role && JSON.stringify(now.scope) === JSON.stringify(then.scope);

function sayError(socket: StreamSocket, code: string, message: string): void {
  socket.send(JSON.stringify({ op: "error", code, message }));
}
