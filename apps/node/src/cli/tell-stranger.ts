import type { RelayId } from "@tabor/onion-core";
import type { DirectoryClient } from "@tabor/rtc-link";
import { say } from "./say.ts";

/** Tells the person once, when a network does not let us in, which key its operator has to add. */
export function tellStranger(directory: DirectoryClient, keyOf: () => Promise<RelayId>): void {
  const stop = directory.onState((state) => {
    if (state.phase !== "lost" || state.reason.code !== "not-a-member") return;
    stop();
    void keyOf().then(
      (key) => {
        say(`This network lets its members in only. Its operator can add you: npm run members -- add ${key}`);
      },
      () => undefined,
    );
  });
}
