/** One relay in a tab; `?exit` makes it an exit. */
import "./long-tasks.ts";
import { webPrimitives } from "@tabor/onion-core";
import { browserRtcPlatform } from "@tabor/rtc-link";
import { siteInPage } from "./site-in-page.ts";
import { runRelay } from "../circuit/relay-program.ts";
import { Wire } from "../circuit/wire.ts";

await runRelay({
  wire: new Wire(browserRtcPlatform()),
  platform: "tab",
  primitives: webPrimitives,
  exit: location.search === "?exit" ? siteInPage : undefined,
});
