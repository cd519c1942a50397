/** Whether shortcuts are pressed with Command. `userAgentData` is not everywhere, and `platform` still says it. */
export function isMac(): boolean {
  return /^(?:Mac|iP)/.test(navigator.platform);
}
