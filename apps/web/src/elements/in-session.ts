import type { ReactiveControllerHost } from "lit";
import type { SessionState } from "../browsing/session-store.ts";
import type { Session } from "../browsing/session.ts";
import type { Tab } from "../browsing/tab.ts";
import { Watched } from "./watched.ts";

/** Gives an element the session, and renders it again with each change of it. */
export class InSession extends Watched<SessionState> {
  constructor(host: ReactiveControllerHost & HTMLElement) {
    super(host, ({ session }) => session.state);
  }

  get session(): Session | undefined {
    return this.services?.session;
  }

  /** The tab that is shown. */
  get tab(): Tab | undefined {
    return this.session?.tab;
  }
}
