import { ContextConsumer, type Context } from "@lit/context";
import type { Cancel } from "@tabor/onion-core";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
  browsingContext,
  pageContext,
  servicesContext,
  type BrowsingServices,
  type PageServices,
  type Services,
} from "../services/contexts.ts";
import type { Readable } from "../services/store.ts";

type Host = ReactiveControllerHost & HTMLElement;
type Select<S, T> = (services: S) => Readable<T>;

/** Gives an element what is in a context, and renders it again whenever the value that it watches changes. */
class WatchedIn<S, T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #select: Select<S, T>;
  #services: S | undefined;
  #cancel: Cancel = () => undefined;

  constructor(host: Host, context: Context<unknown, S>, select: Select<S, T>) {
    this.#host = host;
    this.#select = select;
    host.addController(this);
    new ContextConsumer(host, {
      context,
      subscribe: true,
      callback: (services) => {
        this.#services = services;
        this.#follow();
      },
    });
  }

  /** Undefined until the element is part of the app. */
  get services(): S | undefined {
    return this.#services;
  }

  get value(): T | undefined {
    return this.#services === undefined ? undefined : this.#select(this.#services).value;
  }

  hostConnected(): void {
    this.#follow();
  }

  hostDisconnected(): void {
    this.#cancel();
  }

  #follow(): void {
    this.#cancel();
    if (this.#services === undefined) return;
    this.#cancel = this.#select(this.#services).subscribe(() => {
      this.#host.requestUpdate();
    });
    this.#host.requestUpdate();
  }
}

export class Watched<T> extends WatchedIn<Services, T> {
  constructor(host: Host, select: Select<Services, T>) {
    super(host, servicesContext, select);
  }
}

export class WatchedBrowsing<T> extends WatchedIn<BrowsingServices, T> {
  constructor(host: Host, select: Select<BrowsingServices, T>) {
    super(host, browsingContext, select);
  }
}

export class WatchedPage<T> extends WatchedIn<PageServices, T> {
  constructor(host: Host, select: Select<PageServices, T>) {
    super(host, pageContext, select);
  }
}
