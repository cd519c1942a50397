import { CIRCUIT_WINDOW } from "./windows.ts";

/** Cells of one circuit in one direction that may wait in a relay (SPEC §11): its window, and a quarter for control. */
export const CELL_QUEUE_BOUND = CIRCUIT_WINDOW.start * 1.25;
