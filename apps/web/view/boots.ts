import { BOOT_PATH } from "@tabor/browsing/paths";
import type { Clients, ViewClient } from "./worker-types.ts";

/** The boot pages of this origin: every window of the app that shows its pages has one. */
export async function bootsOf(clients: Clients): Promise<readonly ViewClient[]> {
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter(({ url }) => new URL(url).pathname === BOOT_PATH);
}
