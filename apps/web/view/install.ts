import { WORKER_PATH } from "@tabor/browsing/paths";

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
  await inTime(register(container));
  if (container.controller !== null || (await isClaimed(container))) return;
  if (own.name === RELOADED) throw new Error("the service worker does not take over");
  own.name = RELOADED;
  own.location.reload();
  await new Promise(() => undefined);
}

/** @throws if the browser refuses, or gives the worker up. */
async function register(container: ServiceWorkerContainer): Promise<void> {
  const options = { scope: "/", updateViaCache: "none" } as const;
  // Whoever blocks service workers from outside lets this resolve with nothing, whatever the types say.
  const registration = (await container.register(WORKER_PATH, options)) as
    ServiceWorkerRegistration | undefined;
  if (registration === undefined) throw new Error("service workers are blocked");
  const { installing } = registration;
  const given = new Promise<never>((_, reject) => {
    installing?.addEventListener("statechange", () => {
      if (installing.state === "redundant") reject(new Error("the service worker was given up"));
    });
  });
  await Promise.race([container.ready, given]);
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
