import { TaborError } from "@tabor/onion-core";
import * as v from "valibot";

/** What a file of the register says. */
export interface Note {
  /** The operator's own words, one line of at most 100 characters. */
  readonly name: string;
  /** Milliseconds since the Unix epoch. */
  readonly made: number;
  /** Of an invitation: until when it is good. */
  readonly expires: number | undefined;
}

const MAX_NAME_LENGTH = 100;

const nameSchema = v.pipe(v.string(), v.maxLength(MAX_NAME_LENGTH), v.regex(/^[^\p{Cc}]*$/u));
const timeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const noteSchema = v.strictObject({
  name: nameSchema,
  made: timeSchema,
  expires: v.exactOptional(timeSchema),
});

/** Whether a text can be a name: it is printed to the operator's terminal, which control characters would command. */
export function isName(text: string): boolean {
  return v.is(nameSchema, text);
}

export function noteText({ name, made, expires }: Note): string {
  return `${JSON.stringify({ name, made, ...(expires !== undefined && { expires }) })}\n`;
}

/** @throws malformed. */
export function readNote(text: string): Note {
  try {
    const { name, made, expires } = v.parse(noteSchema, JSON.parse(text));
    return { name, made, expires };
  } catch (cause) {
    throw new TaborError("malformed", "here", "a file of the register is damaged", { cause });
  }
}
