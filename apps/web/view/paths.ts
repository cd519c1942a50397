/** Paths of the view's own files; those of sites that begin so are minted (`isOwnPath`). */
export const BOOT_PATH = "/~boot";
export const WORKER_PATH = "/~sw.js";
