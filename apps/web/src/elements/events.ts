/** The person asks for the circuit to be shown, or hidden again. */
export class CircuitToggledEvent extends Event {
  static readonly type = "circuit-toggled";

  constructor() {
    super(CircuitToggledEvent.type, { bubbles: true, composed: true });
  }
}

/** The person follows a link of the page shown. */
export class LinkFollowedEvent extends Event {
  static readonly type = "link-followed";

  constructor(readonly url: URL) {
    super(LinkFollowedEvent.type, { bubbles: true, composed: true });
  }
}

/** The person points at a link of the page shown, or has left it. */
export class LinkPointedEvent extends Event {
  static readonly type = "link-pointed";

  constructor(readonly url: URL | undefined) {
    super(LinkPointedEvent.type, { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    [CircuitToggledEvent.type]: CircuitToggledEvent;
    [LinkFollowedEvent.type]: LinkFollowedEvent;
    [LinkPointedEvent.type]: LinkPointedEvent;
  }
}
