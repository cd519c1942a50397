import type { HookConfig } from "@tabor/browsing/page";
import { PageAddresses } from "./addresses.ts";
import type { HookContext } from "./context.ts";
import { installDocument } from "./document/document.ts";
import { installFrames, installSandboxes } from "./document/frames.ts";
import { PageNavigation } from "./document/navigation.ts";
import { installSaving } from "./document/saving.ts";
import { OtherWindows } from "./document/windows.ts";
import { Attributes } from "./dom/attributes.ts";
import { Insertion } from "./dom/insertion.ts";
import { PageMarkup } from "./dom/page-markup.ts";
import {
  installParts,
  installProperties,
  installReadAddresses,
  installReferences,
} from "./dom/properties.ts";
import { installStyles } from "./dom/styles.ts";
import { EngineLine, type Connect } from "./engine-line.ts";
import { installRemoval } from "./removal.ts";
import { installImports } from "./requests/imports.ts";
import { installRequests } from "./requests/requests.ts";
import { installResponses } from "./requests/responses.ts";
import { installSocket } from "./requests/socket.ts";
import { installWorkers } from "./requests/workers.ts";
import { installAudio, installCanvas } from "./uniform/canvas.ts";
import { installNavigator } from "./uniform/navigator.ts";
import { installTime } from "./uniform/time.ts";
import { attempt, disguise, getterOf, type Getter } from "./wrap.ts";

type Install = (context: HookContext) => void;

/** In any scope. */
const EVERYWHERE: readonly Install[] = [
  installRequests,
  installImports,
  installReadAddresses,
  installResponses,
  installSocket,
  installWorkers,
  installNavigator,
  installTime,
  installCanvas,
  installAudio,
  installRemoval,
];

/** Installs all that a window, and its frames without a document of their own, take. One part that fails takes no other with it. */
export function installInWindow(scope: typeof globalThis, config: HookConfig, connect: Connect): void {
  const baseUri = getterOf(scope.Node.prototype, "baseURI") as Getter<string>;
  const { document } = scope;
  const context: HookContext = {
    scope,
    addresses: new PageAddresses(config, scope.origin),
    engine: new EngineLine(config.page, connect),
    base: () => baseUri(document),
  };
  install(context, [...DOM, ...EVERYWHERE]);
  attempt(() => {
    installFrames(context, (child) => {
      installInWindow(child, config, connect);
    });
  }, undefined);
}

/** Installs what a worker takes. */
export function installInWorker(scope: typeof globalThis, config: HookConfig, connect: Connect): void {
  const context: HookContext = {
    scope,
    addresses: new PageAddresses(config, scope.origin),
    engine: new EngineLine(config.page, connect),
    base: () => config.url,
  };
  install(context, EVERYWHERE);
}

/** All of the DOM's share how attributes and markup are rewritten. */
const DOM: readonly Install[] = [
  // Before whoever else listens.
  installSaving,
  (context) => {
    const markup = new PageMarkup(context);
    const attributes = new Attributes(context, markup);
    attributes.install();
    // The parts of links ask for the address as the browser has it.
    const parts = [
      () => {
        new Insertion(context, markup, attributes).install();
      },
      ...[installParts, installProperties, installReferences].map((part) => () => {
        part(context, attributes);
      }),
      () => {
        installStyles(context, markup);
      },
      () => {
        installSandboxes(context, (frame) => {
          attributes.settleFrame(frame);
        });
      },
    ];
    for (const part of parts) attempt(part, undefined);
  },
  installDocument,
  (context) => {
    new OtherWindows(context).install();
  },
  (context) => {
    new PageNavigation(context).install();
  },
];

function install(context: HookContext, parts: readonly Install[]): void {
  attempt(() => disguise(context.scope), undefined);
  for (const part of parts)
    attempt(() => {
      part(context);
    }, undefined);
}
