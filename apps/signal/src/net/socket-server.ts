/** The directory over Socket.IO: validates every event, counts, answers (SPEC §9, §11). */
import type { Server as HttpServer } from "node:http";
import type { Log } from "@tabor/onion-core";
import {
  type Answer,
  descriptorSchema,
  digestSchema,
  type DrawAnswer,
  drawSchema,
  type DirectoryEvents,
  type JoinAnswer,
  joinSchema,
  type KnownHost,
  MAX_MESSAGE_LENGTH,
  outgoingSignalSchema,
  parsePayload,
  type PeerEvents,
} from "@tabor/signal-protocol";
import { Server } from "socket.io";
import type { Directory } from "../directory/directory.ts";
import { codeOf, refuse, type Session } from "../directory/session.ts";
import type { Sharing } from "../redis/share-by-redis.ts";
import { EventLimits, isOffence, Offences } from "./event-limits.ts";
import { isOriginAllowed } from "./origin.ts";
import { MAX_UNSENT, type PeerSocket, socketPort } from "./socket-port.ts";

export interface SocketServerOptions {
  readonly httpServer: HttpServer;
  readonly directory: Directory;
  /** The app is at `app.` and pages are shown from `view.` of this name. */
  readonly site: string;
  /** Origins of web pages, beside our own, that may join: "https://example.org". */
  readonly allowedOrigins: ReadonlySet<string>;
  /** The hosts that may serve, if the network is an ad-hoc one. */
  readonly hosts?: readonly KnownHost[] | undefined;
  /** What it has in common with the authority's other brokers. */
  readonly sharing?: Pick<Sharing, "rooms" | "link" | "prefix"> | undefined;
  readonly log: Log;
}

/** Milliseconds. A peer that vanished without a word is gone after their sum, and so, for its peers, is a server. */
const PINGS = { pingInterval: 10_000, pingTimeout: 20_000 };
/** Where nobody can elect another server before this one's end is noticed; there are few peers, too. */
const PINGS_OF_ADHOC = { pingInterval: 4000, pingTimeout: 8000 };
const CONNECT_TIMEOUT = 10_000;
/** Twice as many as come of signals that are kept, each of two packets. */
const MAX_UNSENT_PACKETS = 4 * MAX_UNSENT;

type AnyAnswer = Answer | DrawAnswer | JoinAnswer;
type Handler = (session: Session, payload: unknown) => Promise<AnyAnswer>;

const HANDLERS: Readonly<Record<keyof PeerEvents, Handler>> = {
  join: (session, payload) => session.join(parsePayload(joinSchema, "join", payload)),
  have: (session, payload) => Promise.resolve(session.has(parsePayload(digestSchema, "have", payload))),
  publish: (session, payload) => session.publish(parsePayload(descriptorSchema, "publish", payload)),
  signal: (session, payload) =>
    Promise.resolve(session.signal(parsePayload(outgoingSignalSchema, "signal", payload))),
  draw: (session, payload) => session.draw(parsePayload(drawSchema, "draw", payload)),
};

/** Attaches to the HTTP server. @returns what closes every connection. */
export function serveDirectory(options: SocketServerOptions): { close(): Promise<void> } {
  const { sharing } = options;
  const limits = new EventLimits(sharing);
  const server = new Server<PeerEvents, DirectoryEvents>(options.httpServer, {
    transports: ["websocket"],
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_LENGTH,
    ...(options.hosts === undefined ? PINGS : PINGS_OF_ADHOC),
    connectTimeout: CONNECT_TIMEOUT,
    ...(sharing && { adapter: sharing.rooms.adapter }),
    allowRequest: (request, decide) => {
      const { site, allowedOrigins: allowed } = options;
      const isAllowed = isOriginAllowed(request, { site, allowed });
      void limits.allowConnection(request.socket.remoteAddress ?? "").then((isInTime) => {
        decide(isAllowed ? "too many connections" : "origin not allowed", isAllowed && isInTime);
      });
    },
  });
  sharing?.rooms.attach(server);
  server.engine.on("connection", (connection: EngineConnection) => {
    limitFrames(connection, limits);
    if (sharing) limitUnsent(connection);
  });
  server.on("connection", (socket) => {
    servePeer(socket, limits, options);
  });
  return { close: () => server.close() };
}

interface EngineConnection {
  readonly id: string;
  readonly writeBuffer: readonly unknown[];
  on(event: "packet" | "packetCreate", listener: () => void): void;
  close(discard: boolean): void;
}

function limitFrames(connection: EngineConnection, limits: EventLimits): void {
  connection.on("packet", () => {
    void limits.allowFrame(connection.id).then((isAllowed) => {
      if (!isAllowed) connection.close(true);
    });
  });
}

/** Against those who do not read: what other brokers' peers signal to them is written without asking. */
function limitUnsent(connection: EngineConnection): void {
  connection.on("packetCreate", () => {
    if (connection.writeBuffer.length > MAX_UNSENT_PACKETS) connection.close(true);
  });
}

function servePeer(socket: PeerSocket, limits: EventLimits, options: SocketServerOptions): void {
  const { directory, sharing, log } = options;
  const session = directory.connect(socketPort(socket, sharing !== undefined));
  const offences = new Offences(() => {
    log.warn("peer closed: too many invalid events");
    socket.disconnect(true);
  });
  // One listener for every name: Socket.IO ignores events that nobody listens to, and they too must count.
  socket.onAny((event: string, ...args: unknown[]) => {
    void answerEvent(event, args, { session, limits, connection: socket.id }).then((answer) => {
      if (answer.ok) return;
      if (isOffence(answer.error)) offences.add();
      if (answer.error === "not-authentic") void limits.joinFailed(socket.conn.remoteAddress);
    });
  });
  socket.once("disconnect", () => {
    session.ended();
  });
}

interface EventContext {
  readonly session: Session;
  readonly limits: EventLimits;
  readonly connection: string;
}

/** Answers an event through its callback, if it has one. */
async function answerEvent(
  event: string,
  args: readonly unknown[],
  context: EventContext,
): Promise<AnyAnswer> {
  const reply = args.at(-1);
  const answer = await outcomeOf(event, args, context);
  if (typeof reply === "function") (reply as (answer: AnyAnswer) => void)(answer);
  return answer;
}

async function outcomeOf(
  event: string,
  args: readonly unknown[],
  { session, limits, connection }: EventContext,
): Promise<AnyAnswer> {
  if (!(await limits.allowEvent(connection))) return refuse("rate-limited");
  const [payload, reply] = args;
  if (!isEvent(event) || args.length !== 2 || typeof reply !== "function") return refuse("malformed");
  try {
    return await HANDLERS[event](session, payload);
  } catch (error) {
    return refuse(codeOf(error));
  }
}

function isEvent(name: string): name is keyof PeerEvents {
  return Object.hasOwn(HANDLERS, name);
}
