/** The app's origin, by the names that both have: the view is at `view.<site>`, or below it, and the app at `app.<site>`. */
export function appOriginOf({
  protocol,
  hostname,
  port,
}: Pick<Location, "protocol" | "hostname" | "port">): string | undefined {
  const site = /^(?:[a-z0-9-]+\.)?view\.(.+)$/.exec(hostname)?.[1];
  return site === undefined ? undefined : `${protocol}//app.${site}${port === "" ? "" : `:${port}`}`;
}
