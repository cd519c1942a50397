import { TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";

/** Cells of one circuit in one direction that may wait in a relay (SPEC §11): the largest window, and a quarter for control. */
export const CELL_QUEUE_BOUND = TABOR_PARAMETERS.cwndMax * 1.25;
