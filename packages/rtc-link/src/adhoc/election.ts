/**
 * Who serves an ad-hoc network (SPEC §9.8): from what one host has seen to what it does next, without clock, sockets
 * or randomness.
 */
import type { RelayId } from "@tabor/onion-core";
import type { HostAddress } from "@tabor/signal-protocol";

/** A host that serves, and has proved by which authority. */
export interface ServingHost {
  readonly address: HostAddress;
  readonly authority: RelayId;
}

export type Election =
  /** @property again whether nobody was there the last time: then this host serves, if nobody is there now. */
  | { readonly phase: "looking"; readonly again: boolean }
  | { readonly phase: "waiting"; readonly again: boolean }
  /** This host's server is being started. */
  | { readonly phase: "starting" }
  | { readonly phase: "serving"; readonly host: ServingHost }
  | { readonly phase: "joined"; readonly host: ServingHost };

export type ElectionEvent =
  | { readonly type: "looked"; readonly found: readonly ServingHost[] }
  | { readonly type: "rested" }
  | { readonly type: "started"; readonly host: ServingHost }
  /** This host's server could not start, or is gone. */
  | { readonly type: "ended" }
  /** The connection to the server is gone; `wasJoined`: it had been made. */
  | { readonly type: "lost"; readonly wasJoined: boolean };

export type ElectionCommand =
  | "look"
  /** 1 to 3 s, before looking again for want of a server. */
  | "wait"
  /** 2 to 4 s, before looking whether another serves as well. */
  | "rest"
  | "start"
  | "stop"
  | { readonly join: ServingHost };

export interface ElectionStep {
  readonly election: Election;
  readonly commands: readonly ElectionCommand[];
}

export const FIRST_STEP: ElectionStep = {
  election: { phase: "looking", again: false },
  commands: ["look"],
};

/**
 * @param mayServe whether this host has an address at which it may serve.
 * @returns the same state and nothing to do for an event that comes too late to matter.
 */
export function nextStep(election: Election, event: ElectionEvent, mayServe: boolean): ElectionStep {
  switch (election.phase) {
    case "looking":
      return event.type === "looked" ? afterLook(event.found, election.again, mayServe) : nothing(election);
    case "waiting":
      return event.type === "rested" ? look(election.again) : nothing(election);
    case "starting":
      return whileStarting(election, event);
    case "serving":
      return whileServing(election, event);
    case "joined":
      if (event.type !== "lost") return nothing(election);
      return event.wasJoined ? look(false) : wait(false);
  }
}

function afterLook(found: readonly ServingHost[], again: boolean, mayServe: boolean): ElectionStep {
  const host = smallest(found);
  if (host !== undefined) return { election: { phase: "joined", host }, commands: [{ join: host }] };
  if (again && mayServe) return { election: { phase: "starting" }, commands: ["start"] };
  return wait(true);
}

function whileStarting(election: Election, event: ElectionEvent): ElectionStep {
  if (event.type === "ended") return wait(true);
  if (event.type !== "started") return nothing(election);
  const { host } = event;
  return { election: { phase: "serving", host }, commands: [{ join: host }, "look"] };
}

function whileServing(election: Election & { phase: "serving" }, event: ElectionEvent): ElectionStep {
  switch (event.type) {
    case "looked": {
      const host = smallest(event.found);
      // Of hosts that see each other the smallest never steps down: so no two of them step down for each other.
      if (host === undefined || host.authority >= election.host.authority) {
        return { election, commands: ["rest"] };
      }
      return { election: { phase: "joined", host }, commands: ["stop", { join: host }] };
    }
    case "rested":
      return { election, commands: ["look"] };
    case "ended":
    case "lost":
      return { ...look(false), commands: ["stop", "look"] };
    case "started":
      return nothing(election);
  }
}

function smallest(found: readonly ServingHost[]): ServingHost | undefined {
  return found.reduce<ServingHost | undefined>(
    (least, host) => (least === undefined || host.authority < least.authority ? host : least),
    undefined,
  );
}

function look(again: boolean): ElectionStep {
  return { election: { phase: "looking", again }, commands: ["look"] };
}

function wait(again: boolean): ElectionStep {
  return { election: { phase: "waiting", again }, commands: ["wait"] };
}

function nothing(election: Election): ElectionStep {
  return { election, commands: [] };
}
