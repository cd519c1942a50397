/** Where the app and the view live unless the operator says otherwise: browsers resolve it to this machine by themselves. */
export const DEFAULT_SITE = "tabor.localhost";

/** What a request was addressed to, with the names of both origins as it would write them: "app.example.org:8080". */
export interface Hosts {
  readonly asked: "app" | "view" | "other";
  readonly app: string;
  readonly view: string;
}

/** A name of letters, digits, dots and hyphens, or an IPv6 address, and perhaps a port. */
const HOST = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

/** Where the app may be that another server of the network serves: at `app.` of its name, or of our site if it has none. */
export function appOriginsAt(site: string, server: string): readonly string[] {
  const { protocol, host } = new URL(server);
  return [`${protocol}//app.${host}`, `${protocol}//${hostsOf(site, host).app}`];
}

/**
 * The app and the pages that it shows must be of different origins, or any hole in the rewriter would read the app's keys; but of one
 * site, or browsers would refuse the pages their service worker (docs/decisions/0008).
 *
 * @param site "example.org": its `app.` and `view.` are the two origins.
 * @param host the Host field, as it came. Of what does not look like one, nothing is taken over.
 */
export function hostsOf(site: string, host: string | undefined): Hosts {
  const [, name = "", port = ""] = HOST.exec(host ?? "") ?? [];
  const app = `app.${site}`;
  const view = `view.${site}`;
  const lower = name.toLowerCase();
  const isView = lower === view || lower.endsWith(`.${view}`);
  return { asked: lower === app ? "app" : isView ? "view" : "other", app: app + port, view: view + port };
}
