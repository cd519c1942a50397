export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of window that a page is given where `room` is to be had, in CSS pixels: in steps, so that it tells of a person's screen and
 * window no more than of many others'. The steps are those of Tor Browser's letterboxing (Firefox, RFPHelper).
 */
export function viewportIn({ width, height }: Size): Size {
  return { width: stepped(width, 200), height: stepped(height, 100) };
}

/** @param step of lengths from 500 to 1600. */
function stepped(length: number, step: number): number {
  if (length < 100) return 50;
  const by = length <= 500 ? 50 : length <= 1600 ? step : 200;
  return length - (length % by);
}
