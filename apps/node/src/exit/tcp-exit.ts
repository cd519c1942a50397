import type { Socket } from "node:net";
import {
  ANY_ADDRESS,
  ExitRefusal,
  type AddressPreference,
  type Clock,
  type Duplex,
  type ExitConnection,
  type ExitConnector,
  type FetchConnector,
  type FetchOrigin,
  type IpAddress,
  type ResolvedAnswer,
  type StreamTarget,
} from "@tabor/onion-core";
import { parseIpAddress } from "../net/ip-address.ts";
import { socketDuplex } from "../net/socket-duplex.ts";
import type { AddressPolicy } from "./address-policy.ts";
import { answersFor, UNKNOWN_TTL } from "./answers.ts";
import { unlessAborted, withDeadline } from "./deadline.ts";
import { dial } from "./dial.ts";
import { secure } from "./secure.ts";
import { isHostName } from "../net/host-name.ts";
import type { NameService } from "./name-service.ts";

/** Resolving and connecting to all addresses together (SPEC §11). */
const DEADLINE_MS = 30_000;
/** Connections of one exit: below what a process may usually have open, so that its links never lack a socket. */
const MAX_CONNECTIONS = 8192;

export interface TcpExitOptions {
  readonly policy: AddressPolicy;
  readonly names: NameService;
  readonly clock: Clock;
  /** In PEM, in place of the roots that Node knows: whose certificates `https` sites may have when it fetches. */
  readonly roots?: string;
}

/**
 * An exit that opens TCP. Names are resolved first; the policy is asked about every address that comes out; and the very
 * address it allowed is dialled. A name that means one address when it is checked and another when it is dialled (DNS
 * rebinding), or a public name with a private address, reaches nothing. It also fetches (SPEC §7.5): the same, and for `https` it
 * is the one that agrees with the site on TLS.
 */
export function tcpExit(options: TcpExitOptions): ExitConnector & FetchConnector {
  return new TcpExit(options);
}

interface Dialled {
  readonly socket: Socket;
  readonly address: IpAddress;
}

class TcpExit implements ExitConnector, FetchConnector {
  readonly #options: TcpExitOptions;
  #connections = 0;

  constructor(options: TcpExitOptions) {
    this.#options = options;
  }

  async connect(
    target: StreamTarget,
    preference: AddressPreference,
    signal: AbortSignal,
  ): Promise<ExitConnection> {
    const { socket, address } = await this.#counted(signal, (limited) =>
      this.#open(target, preference, limited),
    );
    return Object.assign(socketDuplex(socket, "site"), { address, ttl: UNKNOWN_TTL });
  }

  async fetch({ scheme, host, port }: FetchOrigin, signal: AbortSignal): Promise<Duplex> {
    const { socket } = await this.#counted(signal, async (limited) => {
      const dialled = await this.#open({ host, port }, ANY_ADDRESS, limited);
      return scheme === "http"
        ? dialled
        : { ...dialled, socket: await this.#secure(dialled.socket, host, limited) };
    });
    return socketDuplex(socket, "site");
  }

  #secure(socket: Socket, host: string, signal: AbortSignal): Promise<Socket> {
    return secure(socket, { host, roots: this.#options.roots, signal });
  }

  async #counted(signal: AbortSignal, open: (limited: AbortSignal) => Promise<Dialled>): Promise<Dialled> {
    if (this.#connections >= MAX_CONNECTIONS) throw new ExitRefusal("resource-limit");
    this.#connections += 1;
    const release = (): void => void (this.#connections -= 1);
    try {
      const dialled = await this.#withDeadline(signal, open);
      dialled.socket.once("close", release);
      return dialled;
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  async resolve(name: string, signal: AbortSignal): Promise<readonly ResolvedAnswer[]> {
    try {
      return await this.#withDeadline(signal, (limited) =>
        answersFor(name, { ...this.#options, signal: limited }),
      );
    } catch {
      return [{ type: "error", transient: true }];
    }
  }

  #withDeadline<T>(signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return withDeadline({ clock: this.#options.clock, ms: DEADLINE_MS, signal }, run);
  }

  async #open(target: StreamTarget, preference: AddressPreference, signal: AbortSignal): Promise<Dialled> {
    const wanted = inOrderOf(preference, await this.#addressesOf(target.host, signal));
    if (wanted.length === 0) throw new ExitRefusal("no-route");
    const allowed = wanted.filter((address) => this.#options.policy.allows(address, target.port));
    if (allowed.length === 0) throw new ExitRefusal("exit-policy", wanted[0]);
    return this.#dialInTurn(allowed, target.port, signal);
  }

  async #dialInTurn(addresses: readonly IpAddress[], port: number, signal: AbortSignal): Promise<Dialled> {
    let refusal: unknown;
    for (const address of addresses) {
      try {
        return { socket: await dial({ address, port, clock: this.#options.clock, signal }), address };
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        // The system put the likeliest address first: why that one failed says most.
        refusal ??= thrown;
      }
    }
    throw refusal;
  }

  /** @throws ExitRefusal if there is none. */
  async #addressesOf(host: string, signal: AbortSignal): Promise<readonly IpAddress[]> {
    const literal = parseIpAddress(host);
    if (literal !== null) return [literal];
    if (!isHostName(host)) throw new ExitRefusal("resolve-failed");
    const answer = await unlessAborted(this.#options.names.addresses(host), signal);
    if ("found" in answer) return answer.found;
    throw new ExitRefusal(answer.failed === "resource-limit" ? "resource-limit" : "resolve-failed");
  }
}

/** The addresses that the client takes (SPEC §7.1), its preferred family first, else as the system ordered them. */
function inOrderOf(preference: AddressPreference, addresses: readonly IpAddress[]): readonly IpAddress[] {
  const ipv4 = preference.ipv4Refused ? [] : addresses.filter((address) => address.length === 4);
  const ipv6 = preference.ipv6Allowed ? addresses.filter((address) => address.length === 16) : [];
  return preference.ipv6Preferred ? [...ipv6, ...ipv4] : [...ipv4, ...ipv6];
}
