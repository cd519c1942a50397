import { equalConstantTime } from "../bytes/bytes.ts";
import { TaborError } from "../errors.ts";
import { Ring } from "./ring.ts";

/** The sender's record of the tags by which the receiver must acknowledge, in order (SPEC §6.4). */
export class ExpectedTags {
  readonly #tags = new Ring<Uint8Array>();

  /** @param tag of a cell that the receiver will acknowledge. */
  expect(tag: Uint8Array): void {
    this.#tags.push(tag);
  }

  /** @throws protocol for a SENDME that no cell has earned, or another tag. */
  check(tag: Uint8Array): void {
    const expected = this.#tags.shift();
    if (expected === undefined || !equalConstantTime(expected, tag)) {
      throw new TaborError("protocol", "relay", "SENDME with a wrong tag");
    }
  }
}
