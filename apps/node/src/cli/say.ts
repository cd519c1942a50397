import { hasParent } from "./parent.ts";

/** A line for the person who runs a program by itself; a parent tells what it wants to tell. */
export function say(sentence: string): void {
  if (!hasParent()) process.stdout.write(`${sentence}\n`);
}
