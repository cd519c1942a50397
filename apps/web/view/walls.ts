import type { SecurityLevel } from "@tabor/browsing";
import { frameLabelsOf, protectiveHeaders } from "@tabor/browsing/view";

/** Pages with scripts are shown below the view's own name, each in an origin of its own. */
export function levelOf({ hostname }: Pick<Location, "hostname">): SecurityLevel {
  return hostname.startsWith("view.") ? "safest" : "standard";
}

/**
 * A response of this origin, whoever says what is in it: with the walls around whatever it is, and leading nowhere else, but for frames to
 * the labels set aside for them.
 * @param init.headers also those that only the engine may set, as far as they are not walls.
 */
export function walled(
  body: BodyInit | null,
  init: { readonly status: number; readonly headers: Iterable<readonly [string, string]> },
  { origin, hostname }: Pick<Location, "origin" | "hostname">,
  { url: asked, destination }: Pick<Request, "url" | "destination">,
): Response {
  const headers = new Headers();
  for (const [name, value] of init.headers) headers.append(name, value);
  const response = new Response(body, { status: init.status, headers });
  for (const [name, value] of protectiveHeaders(levelOf({ hostname }), origin))
    response.headers.set(name, value);
  const location = response.headers.get("location");
  if (location === null) return response;
  // A response that was made here has no address that a relative one could be relative to.
  const target = URL.canParse(location, asked) ? new URL(location, asked) : undefined;
  const isAllowed =
    target !== undefined &&
    (target.origin === origin || (destination === "iframe" && frameLabelsOf(origin).includes(target.origin)));
  if (!isAllowed) return Response.error();
  response.headers.set("location", target.href);
  return response;
}
