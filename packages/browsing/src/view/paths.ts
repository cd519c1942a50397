/** Paths of the view's own files, which its server answers and its service worker does not; those of sites that begin so are minted (`isOwnPath`). */
export const BOOT_PATH = "/~boot";
export const WORKER_PATH = "/~sw.js";
/** A page of the service worker's own, by which is seen what the browser enforces (`probe.ts`). */
export const PROBE_PATH = "/~probe";
/** Answered by the web server alone, which has the browser forget its cookies. */
export const FORGET_PATH = "/~forget";
