import { toTaborError, type SigningKey } from "@tabor/onion-core";
import type { AdmissionMode, MemberCredential } from "@tabor/rtc-link";
import { parseInvite } from "@tabor/signal-protocol";
import type { Membership, MembershipState, Standing } from "../services/membership.ts";
import type { NetworkState } from "../services/network.ts";
import { Store, type Readable } from "../services/store.ts";

export interface OwnMemberKey {
  readonly key: SigningKey;
  /** It outlasts this tab. */
  readonly isKept: boolean;
  /** The network has let it in before. */
  readonly wasMember: boolean;
}

/** This browser's member key. Nothing here fails: where nothing can be kept, it lasts as long as the tab. */
export interface MemberKeys {
  /** The one that there is. */
  load(): Promise<OwnMemberKey | undefined>;
  /** The same, or else a fresh one. */
  make(): Promise<OwnMemberKey>;
  noteMember(): Promise<void>;
}

export interface MembershipDeskInit {
  readonly network: Readable<NetworkState>;
  readonly keys: MemberKeys;
  /** Shows the network a key and a code, unless it is open. @throws not-a-member; what joining fails with. */
  readonly redeem: (member: MemberCredential) => Promise<AdmissionMode>;
  /** Joins again at once. */
  readonly retry: () => void;
}

/** Follows whether the network lets this browser in, and uses an invitation when the person says so. */
export class MembershipDesk implements Membership {
  readonly #init: MembershipDeskInit;
  readonly #state = new Store<MembershipState>({
    ...{ standing: "unknown", invitation: { name: "none" }, key: undefined },
  });
  #code: Uint8Array | undefined;
  #heard: Heard | undefined;
  /** What is heard counts in its order. */
  #turn: Promise<void> = Promise.resolve();

  constructor(init: MembershipDeskInit) {
    this.#init = init;
    init.network.subscribe(() => {
      this.#listen();
    });
    this.#listen();
  }

  get state(): Readable<MembershipState> {
    return this.#state;
  }

  /** The app was opened by an invitation. @param text its code, if it is one. */
  invited(text: string): void {
    try {
      this.#code = parseInvite(text);
      this.#become({ invitation: { name: "offered" } });
    } catch {
      this.#become({ invitation: { name: "unreadable" } });
    }
  }

  async makeKey(): Promise<void> {
    await this.#init.keys.make();
    await this.#showKey();
    this.#init.retry();
  }

  async accept(): Promise<void> {
    const { keys, redeem, retry } = this.#init;
    const code = this.#code;
    if (code === undefined || this.#state.value.invitation.name === "redeeming") return;
    this.#become({ invitation: { name: "redeeming" } });
    try {
      const admission = await redeem({ key: async () => (await keys.make()).key, invite: code });
      if (admission !== "open") await keys.noteMember();
      this.#become({ standing: admission === "open" ? "open" : "member" });
      this.decline();
      retry();
    } catch (thrown) {
      const problem = toTaborError(thrown, "directory", "using the invitation");
      const isRefused = problem.code === "not-a-member";
      if (isRefused) this.#code = undefined;
      this.#become({ invitation: isRefused ? { name: "refused" } : { name: "failed", problem } });
    }
    await this.#showKey();
  }

  decline(): void {
    this.#code = undefined;
    this.#become({ invitation: { name: "none" } });
  }

  tryAgain(): void {
    this.#init.retry();
  }

  #listen(): void {
    const heard = heardOf(this.#init.network.value);
    if (heard === undefined || heard === this.#heard) return;
    this.#heard = heard;
    this.#turn = this.#turn.then(() => this.#follow(heard));
  }

  async #follow(heard: Heard): Promise<void> {
    const { keys } = this.#init;
    if (heard === "in") await keys.noteMember();
    const wasMember = (await keys.load())?.wasMember === true;
    await this.#showKey();
    this.#become({ standing: standingOf(heard, wasMember) });
  }

  async #showKey(): Promise<void> {
    const own = await this.#init.keys.load();
    this.#become({ key: own && { id: own.key.id, isKept: own.isKept } });
  }

  #become(change: Partial<MembershipState>): void {
    this.#state.value = { ...this.#state.value, ...change };
  }
}

/** What the network says of us. */
type Heard = "open" | "in" | "out";

function heardOf({ admission, directory }: NetworkState): Heard | undefined {
  if (admission === undefined) return undefined;
  if (admission === "open") return "open";
  if (directory.phase === "joined") return "in";
  return directory.phase === "lost" && directory.reason.code === "not-a-member" ? "out" : undefined;
}

function standingOf(heard: Heard, wasMember: boolean): Standing {
  if (heard === "open") return "open";
  if (heard === "in") return "member";
  return wasMember ? "revoked" : "outside";
}
