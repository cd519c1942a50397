import type { Session } from "../../browsing/session.ts";
import type { FrameCommand } from "../commands.ts";

/** What commands do to the session; the others concern what is seen of it. */
export const SESSION_ACTIONS: Readonly<Partial<Record<FrameCommand, (session: Session) => void>>> = {
  "new-tab": (session) => {
    session.newTab();
  },
  "close-tab": (session) => {
    session.closeTab(session.tab.id);
  },
  "next-tab": (session) => {
    session.step(1);
  },
  "previous-tab": (session) => {
    session.step(-1);
  },
  "move-tab-right": (session) => {
    session.move(session.tab.id, 1);
  },
  "move-tab-left": (session) => {
    session.move(session.tab.id, -1);
  },
  back: (session) => {
    session.travel.back();
  },
  forward: (session) => {
    session.travel.forward();
  },
  reload: (session) => {
    session.travel.reload();
  },
  stop: (session) => {
    session.travel.stop();
  },
  "new-circuit": (session) => {
    session.travel.newCircuit();
  },
  "zoom-in": (session) => {
    session.zoom("in");
  },
  "zoom-out": (session) => {
    session.zoom("out");
  },
  "zoom-reset": (session) => {
    session.zoom("reset");
  },
  network: (session) => {
    session.showOwn("network");
  },
  membership: (session) => {
    session.showOwn("membership");
  },
  volunteer: (session) => {
    session.showOwn("volunteer");
  },
  about: (session) => {
    session.showOwn("about");
  },
};
