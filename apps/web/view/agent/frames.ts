/** The window of one of the app's frames; undefined if there is none, or if it shows nothing of our origin. */
export function frameAt(app: Window, index: number): Window | undefined {
  const frame = app[index];
  return frame === undefined || frame === window || !showsOurs(frame) ? undefined : frame;
}

/** Whether we may reach into it, and it has begun to show a page. */
export function showsOurs(frame: Window): boolean {
  try {
    return frame.document.URL !== "about:blank";
  } catch {
    return false;
  }
}
