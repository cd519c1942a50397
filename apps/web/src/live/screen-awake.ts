import type { Volunteer } from "../services/volunteer.ts";

/** Keeps the screen on while a relay runs in a page that is in view, if its person wants that (Screen Wake Lock). */
export function keepScreenAwake({ document, navigator }: Window, volunteer: Volunteer): void {
  if (!("wakeLock" in navigator)) return;
  let lock: Promise<WakeLockSentinel | undefined> | undefined;
  const look = (): void => {
    const isWanted = volunteer.settings.value.limits.keepAwake && volunteer.state.value.name === "on";
    const isInView = document.visibilityState === "visible";
    // The browser releases it by itself when the page goes out of view.
    if (isWanted && isInView) lock ??= navigator.wakeLock.request("screen").catch(() => undefined);
    else {
      void lock?.then((held) => held?.release()).catch(() => undefined);
      lock = undefined;
    }
  };
  volunteer.state.subscribe(look);
  volunteer.settings.subscribe(look);
  document.addEventListener("visibilitychange", look);
}
