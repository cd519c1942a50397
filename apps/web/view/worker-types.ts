/** Of the service worker's world what is used here: TypeScript has it in a library that contradicts the pages'. */

export interface Clients {
  matchAll(options: {
    readonly type: "window";
    readonly includeUncontrolled: true;
  }): Promise<readonly ViewClient[]>;
  claim(): Promise<void>;
}

export interface ServiceWorkerScope {
  readonly clients: Clients;
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "message", listener: (event: ClientMessage) => void): void;
}

/** A page of the view's origin. */
export interface ViewClient {
  readonly url: string;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface FetchedRequest extends Request {
  /** A service worker gets no others. */
  readonly mode: "navigate" | "same-origin" | "no-cors" | "cors";
  /** Fetch §5.4; not in TypeScript's library, nor in every browser. */
  readonly isHistoryNavigation?: boolean;
}

interface ExtendableEvent {
  waitUntil(promise: Promise<unknown>): void;
}

/** What a page or worker of this origin says. */
export interface ClientMessage extends ExtendableEvent {
  readonly data: unknown;
  readonly ports: readonly MessagePort[];
}

export interface FetchEvent extends ExtendableEvent {
  readonly request: FetchedRequest;
  readonly clientId: string;
  readonly resultingClientId: string;
  respondWith(response: Promise<Response>): void;
}
