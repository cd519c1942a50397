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

/** More are not looked at: a page may be nothing but frames. */
const MAX_WINDOWS = 200;

/** Of one of the app's frames and all frames in it: those that show something of our origin, the outer before the inner. */
export function pagesIn(app: Window, index: number): readonly (Window & typeof globalThis)[] {
  const frame = app[index];
  const windows = frame === undefined || frame === window ? [] : [frame];
  // What is added meanwhile is gone through, too.
  for (const one of windows)
    for (let inner = 0; inner < one.length && windows.length < MAX_WINDOWS; inner++) {
      const within = one[inner];
      if (within !== undefined) windows.push(within);
    }
  return windows.filter((one): one is Window & typeof globalThis => showsOurs(one));
}
