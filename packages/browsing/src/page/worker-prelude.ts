import { HOOKS_PATH, type HookConfig } from "./config.ts";

/** Where hooks in a worker find their configuration; they take it away. */
export const WORKER_CONFIG = "__taborConfig";

/**
 * What stands before a worker's first script, on its first line: installs the hooks in it. For a worker `HookConfig.url` is the script's
 * address, after redirects.
 * @param origin of the label; scripts of `blob:` addresses have none that a path could be relative to.
 */
export function workerPrelude(config: HookConfig, type: WorkerType, origin: string): string {
  const assign = `self.${WORKER_CONFIG}=${JSON.stringify(config)};`;
  const hooks = JSON.stringify(origin + HOOKS_PATH);
  switch (type) {
    case "classic":
      return `${assign}importScripts(${hooks});`;
    case "module":
      // What a module imports runs before it, in order.
      return `import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(assign)}`)};import ${hooks};`;
  }
}
