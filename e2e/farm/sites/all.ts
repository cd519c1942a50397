import type { Host } from "../network/host.ts";
import { downloadSite } from "./downloads.ts";
import { forumSite } from "./forum.ts";
import { newsSite } from "./news.ts";
import { oddSites } from "./odd.ts";
import { shopSite } from "./shop.ts";
import { applicationSite } from "./spa.ts";
import { videoSite } from "./video.ts";
import { wikiSite } from "./wiki.ts";

/** Every site, as on its first day. */
export function allSites(): Host[] {
  return [
    ...newsSite(),
    ...shopSite(),
    ...wikiSite(),
    ...forumSite(),
    ...videoSite(),
    ...applicationSite(),
    ...downloadSite(),
    ...oddSites(),
  ];
}
