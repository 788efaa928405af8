// The doors of the cluster: every node listens on an address of its own, 127.0.0.1, 127.0.0.2, …, with one port, so
// that a client that learns addresses from /cluster/status reaches each node. A dead node's door is shut or silent.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server as HttpsServer } from "node:https";
import { createServer as createDoor, type Server, type Socket } from "node:net";
import { ListenError } from "../lib/errors.ts";
import type { ClusterCertificate } from "./certificate.ts";
import type { SimNode } from "./entities.ts";

export type DoorMode = "open" | "refuse" | "hang";

export interface ListenOptions {
  readonly nodes: readonly SimNode[];
  readonly host: string;
  readonly port: number;
  readonly perNodePorts: boolean;
  readonly certificate: ClusterCertificate;
  handle(called: SimNode, request: IncomingMessage, response: ServerResponse): void;
}

interface Door {
  readonly node: SimNode;
  readonly host: string;
  readonly port: number;
  server: Server;
  mode: DoorMode;
  readonly sockets: Set<Socket>;
}

export class Listeners {
  readonly #https: HttpsServer;
  readonly #doors: Door[] = [];
  readonly #options: ListenOptions;

  private constructor(options: ListenOptions) {
    this.#options = options;
    this.#https = createServer(
      {
        key: options.certificate.keyPem,
        cert: options.certificate.pem,
        ALPNProtocols: ["http/1.1"],
        keepAliveTimeout: 5000,
      },
      (request, response) => options.handle(this.#calledBy(request), request, response),
    );
    this.#https.maxRequestsPerSocket = 100;
    // A client that refuses the certificate or goes away is its own business.
    this.#https.on("tlsClientError", () => undefined);
  }

  static async open(options: ListenOptions): Promise<Listeners> {
    const listeners = new Listeners(options);
    await listeners.#openAll();
    return listeners;
  }

  get port(): number {
    return this.#doors[0]?.port ?? 0;
  }

  /** Node name to address; nodes that could not get one of their own are absent. */
  urls(): Record<string, string> {
    return Object.fromEntries(this.#doors.map((door) => [door.node.name, `https://${door.host}:${door.port}`]));
  }

  /** Opens, shuts or silences a node's door. */
  async setMode(node: string, mode: DoorMode): Promise<void> {
    const door = this.#doors.find((candidate) => candidate.node.name === node);
    if (door === undefined || door.mode === mode) return;
    const wasShut = door.mode === "refuse";
    door.mode = mode;
    for (const socket of door.sockets) socket.destroy();
    if (mode === "refuse") await closed(door.server);
    else if (wasShut) door.server = await this.#listen(door.host, door.port, () => door);
  }

  async close(): Promise<void> {
    for (const door of this.#doors) for (const socket of door.sockets) socket.destroy();
    await Promise.all(this.#doors.filter((door) => door.mode !== "refuse").map((door) => closed(door.server)));
  }

  async #openAll(): Promise<void> {
    const { nodes, perNodePorts, host } = this.#options;
    const attempts = this.#options.port === 0 ? 5 : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        for (const [index, node] of nodes.entries()) {
          // Another address than the first loopback one is served alone: its nodes cannot have their own.
          if (index > 0 && !perNodePorts && host !== "127.0.0.1") break;
          if (!(await this.#openDoor(node, index))) break;
        }
        return;
      } catch (error) {
        await this.close();
        this.#doors.length = 0;
        if (attempt === attempts) throw listenError(this.#options, error);
      }
    }
  }

  /** False where this machine has no such loopback address (macOS); the node is then reached through the first. */
  async #openDoor(node: SimNode, index: number): Promise<boolean> {
    const { perNodePorts, host } = this.#options;
    const address = perNodePorts || index === 0 ? host : node.ip;
    const port = perNodePorts && index > 0 ? 0 : index === 0 ? this.#options.port : this.port;
    let door: Door | undefined;
    try {
      const server = await this.#listen(address, port, () => door);
      door = { node, host: address, port: portOf(server), server, mode: "open", sockets: new Set() };
      this.#doors.push(door);
      return true;
    } catch (error) {
      if (index > 0 && (error as NodeJS.ErrnoException).code === "EADDRNOTAVAIL") return false;
      throw error;
    }
  }

  #listen(host: string, port: number, door: () => Door | undefined): Promise<Server> {
    const server = createDoor((socket) => {
      const owner = door();
      if (owner === undefined) {
        socket.destroy();
        return;
      }
      owner.sockets.add(socket);
      socket.once("close", () => owner.sockets.delete(socket));
      socket.on("error", () => undefined);
      // A silent door takes the connection and says nothing.
      if (owner.mode === "open") this.#https.emit("connection", socket);
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.removeListener("error", reject);
        resolve(server);
      });
    });
  }

  #calledBy(request: IncomingMessage): SimNode {
    const { localAddress, localPort } = request.socket;
    const door = this.#doors.find((candidate) => candidate.host === localAddress && candidate.port === localPort);
    const found = door?.node ?? this.#options.nodes[0];
    if (found === undefined) throw new RangeError("a cluster without nodes");
    return found;
  }
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function listenError(options: ListenOptions, cause: unknown): ListenError {
  const where = `${options.host}:${options.port}`;
  return new ListenError(`The simulator cannot listen on ${where}; choose another with --port.`, { cause });
}
