import type { Command } from "../browsing/shortcuts.ts";

/** What the person asks of the frame: by a key, a button, or in the menu. */
export type FrameCommand =
  Command | "menu" | "tabs" | "level" | "network" | "membership" | "volunteer" | "about";

export class CommandEvent extends Event {
  static readonly type = "frame-command";

  constructor(readonly command: FrameCommand) {
    super(CommandEvent.type, { bubbles: true, composed: true });
  }
}

/** A listener for a button that asks for something. */
export function asks(command: FrameCommand): (event: Event) => void {
  return (event) => {
    event.currentTarget?.dispatchEvent(new CommandEvent(command));
  };
}

/** The person has had enough of what lies over the page. */
export class SheetClosedEvent extends Event {
  static readonly type = "sheet-closed";

  constructor() {
    super(SheetClosedEvent.type, { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    [CommandEvent.type]: CommandEvent;
    [SheetClosedEvent.type]: SheetClosedEvent;
  }
}
