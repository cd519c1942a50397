/**
 * The window of a tab's frame: among the app's frames the one of our origin with the tab's name; undefined if there is none, or if it
 * shows nothing of ours.
 */
export function frameOf(app: Window, tab: string): Window | undefined {
  const frames = Array.from({ length: app.length }, (_, index) => app[index]);
  return frames.find((frame) => frame !== undefined && frame !== window && nameOf(frame) === tab);
}

/** undefined for a window of another origin. */
function nameOf(frame: Window): string | undefined {
  try {
    return frame.document.URL === "about:blank" ? undefined : frame.name;
  } catch {
    return undefined;
  }
}
