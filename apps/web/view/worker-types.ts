/** Of the service worker's world what is used here: TypeScript has it in a library that contradicts the pages'. */

export interface ServiceWorkerScope {
  readonly clients: {
    matchAll(options: {
      readonly type: "window";
      readonly includeUncontrolled: true;
    }): Promise<readonly ViewClient[]>;
    claim(): Promise<void>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

/** A page of the view's origin. */
export interface ViewClient {
  readonly url: string;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

export interface FetchedRequest extends Request {
  /** Fetch §5.4; not in TypeScript's library. */
  readonly isHistoryNavigation: boolean;
}

interface ExtendableEvent {
  waitUntil(promise: Promise<unknown>): void;
}

export interface FetchEvent extends ExtendableEvent {
  readonly request: FetchedRequest;
  respondWith(response: Promise<Response>): void;
}
