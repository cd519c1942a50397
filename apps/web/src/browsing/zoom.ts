/** As in other browsers. */
const STEPS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

export type ZoomChange = "in" | "out" | "reset";

/** The next factor in a direction; at either end it stays. */
export function zoomAfter(factor: number, change: ZoomChange): number {
  switch (change) {
    case "in":
      return STEPS.find((step) => step > factor) ?? factor;
    case "out":
      return STEPS.findLast((step) => step < factor) ?? factor;
    case "reset":
      return 1;
  }
}
