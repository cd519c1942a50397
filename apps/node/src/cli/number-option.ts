import { InvalidArgumentError } from "commander";

/** A parser for whole numbers in a range, both ends included. */
export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[0-9]{1,10}$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`A whole number from ${String(low)} to ${String(high)} is wanted.`);
  };
}
