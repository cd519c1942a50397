import { ContextConsumer } from "@lit/context";
import type { Cancel } from "@tabor/onion-core";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { servicesContext, type Services } from "../services/contexts.ts";
import type { Readable } from "../services/store.ts";

/** Gives an element the services by context, and renders it again whenever the value that it watches changes. */
export class Watched<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #select: (services: Services) => Readable<T>;
  #services: Services | undefined;
  #cancel: Cancel = () => undefined;

  constructor(host: ReactiveControllerHost & HTMLElement, select: (services: Services) => Readable<T>) {
    this.#host = host;
    this.#select = select;
    host.addController(this);
    new ContextConsumer(host, {
      context: servicesContext,
      subscribe: true,
      callback: (services) => {
        this.#services = services;
        this.#follow();
      },
    });
  }

  /** Undefined until the element is part of the app. */
  get services(): Services | undefined {
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
