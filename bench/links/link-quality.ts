/** What a link is like, in each direction. */
export interface LinkQuality {
  /** Added to each datagram's way, in milliseconds. */
  readonly delayMs: number;
  /** Of the datagrams, the part that is lost: 0…1. */
  readonly loss: number;
}

/** Datagrams that are under way in one direction; as in a router, what comes on top is lost. */
const MAX_UNDER_WAY = 20_000;

/** Whether the next datagram goes missing. @param chance in [0, 1). */
export function isLost({ loss }: LinkQuality, underWay: number, chance: number): boolean {
  return chance < loss || underWay >= MAX_UNDER_WAY;
}
