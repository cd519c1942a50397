import { WORKER_PATH } from "./paths.ts";

/** Milliseconds until the browser counts as one that installs none. */
const INSTALL_WAIT = 15_000;
/** Milliseconds that a new service worker has to take this page over. */
const CLAIM_WAIT = 3000;
/** The name that this page's window gets when it was reloaded for want of a service worker. */
const RELOADED = "reloaded";

/**
 * Resolves when the service worker answers for what is framed from now on. After a reload that goes past all caches, browsers leave
 * the page without its service worker: it then loads itself again, once.
 */
export async function install(container: ServiceWorkerContainer, own: Window): Promise<void> {
  await inTime(
    container.register(WORKER_PATH, { scope: "/", updateViaCache: "none" }).then(() => container.ready),
  );
  if (container.controller !== null || (await isClaimed(container))) return;
  if (own.name === RELOADED) throw new Error("the service worker does not take over");
  own.name = RELOADED;
  own.location.reload();
  await new Promise(() => undefined);
}

/** Where service workers are switched off, some browsers never answer. */
function inTime<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    setTimeout(() => {
      reject(new Error("no service worker"));
    }, INSTALL_WAIT);
    promise.then(resolve, reject);
  });
}

function isClaimed(container: ServiceWorkerContainer): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(container.controller !== null);
    }, CLAIM_WAIT);
    container.addEventListener("controllerchange", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
