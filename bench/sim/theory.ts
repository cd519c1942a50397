/** What share of the weight in each position is bad. */
export interface BadShares {
  readonly guard: number;
  readonly middle: number;
  readonly exit: number;
}

export interface Chances {
  readonly guard: number;
  readonly ends: number;
  readonly whole: number;
}

/**
 * The chance that a client's guard, the ends of one of its circuits, or all three relays of one, are ever bad.
 *
 * @param guards how many guards it has had, each for an equal part of its circuits.
 */
export function chances(bad: BadShares, circuits: number, guards: number): Chances {
  const each = circuits / guards;
  const ever = (throughOneGuard: number): number => 1 - (1 - bad.guard * throughOneGuard) ** guards;
  return {
    guard: ever(1),
    ends: ever(1 - (1 - bad.exit) ** each),
    whole: ever(1 - (1 - bad.exit * bad.middle) ** each),
  };
}

/** The same for a client that draws all three relays anew for each circuit. */
export function chancesWithoutGuards(bad: BadShares, circuits: number): Chances {
  return {
    guard: 1 - (1 - bad.guard) ** circuits,
    ends: 1 - (1 - bad.guard * bad.exit) ** circuits,
    whole: 1 - (1 - bad.guard * bad.middle * bad.exit) ** circuits,
  };
}
