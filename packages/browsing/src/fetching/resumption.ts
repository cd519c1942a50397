import type { Fields, HttpAnswer } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import { contentRange, strongValidator, type ContentRange } from "./validators.ts";

/** Times that one body is taken up again; and times in a row in which no byte came. */
const MAX_RESUMPTIONS = 12;
const MAX_FRUITLESS = 3;

export interface ResumptionOptions {
  /** Sends the request again with these fields instead of its own Range. */
  readonly again: (conditions: readonly (readonly [name: string, value: string])[]) => Promise<HttpAnswer>;
  /** Called with each answer that carries on, to be closed with it. */
  readonly onAnswer: (answer: HttpAnswer) => void;
}

/** Where in a whole an answer's bytes lie, and what proves that later ones belong to them. */
interface Place {
  readonly start: number;
  /** Inclusive, undefined: to the end. */
  readonly end: number | undefined;
  /** How many bytes are to come in all, if the site has said it. */
  readonly length: number | undefined;
  /** Of the whole. */
  readonly total: number | undefined;
  readonly validator: string;
  readonly coding: string;
}

/**
 * The body of the answer to a GET, taken up where it broke off (RFC 9110 §13.1.5, §14.2) when a circuit or connection is
 * lost in the middle. Never two versions sewn together: unless the site proves by a strong validator that it is still the
 * same, the body ends with the error that broke it.
 */
export async function* resumed(
  answer: HttpAnswer,
  options: ResumptionOptions,
): AsyncGenerator<Uint8Array, void> {
  const place = placeOf(answer);
  let body = answer.body;
  let received = 0;
  let fruitless = 0;
  for (let resumptions = 0; ; resumptions++) {
    const before = received;
    try {
      for await (const piece of body) {
        received += piece.length;
        yield piece;
      }
      return;
    } catch (thrown) {
      fruitless = received > before ? 0 : fruitless + 1;
      if (place === undefined || resumptions >= MAX_RESUMPTIONS || fruitless >= MAX_FRUITLESS) throw thrown;
      if (!maybeHelped(thrown)) throw thrown;
      if (place.length !== undefined && received >= place.length) throw thrown;
      body = await rest(place, received, thrown, options);
    }
  }
}

/** The error ends the body unless a new circuit, or connection, may help. */
export function maybeHelped(thrown: unknown): boolean {
  if (!(thrown instanceof TaborError)) return false;
  if (thrown.where === "site") return ["closed", "reset", "timeout"].includes(thrown.code);
  return thrown.where !== "here";
}

function placeOf({ status, fields, length }: HttpAnswer): Place | undefined {
  const validator = strongValidator(fields);
  if (validator === undefined || (status !== 200 && status !== 206)) return undefined;
  const range = contentRange(fields);
  if (status === 206 && range === undefined) return undefined;
  return {
    start: range?.first ?? 0,
    end: range?.last,
    length: range === undefined ? length : range.last - range.first + 1,
    total: range === undefined ? length : range.total,
    validator,
    coding: codingOf(fields),
  };
}

async function rest(
  place: Place,
  received: number,
  broken: unknown,
  { again, onAnswer }: ResumptionOptions,
): Promise<AsyncGenerator<Uint8Array, void>> {
  const first = place.start + received;
  const last = place.end === undefined ? "" : String(place.end);
  const answer = await again([
    ["Range", `bytes=${String(first)}-${last}`],
    ["If-Range", place.validator],
  ]);
  onAnswer(answer);
  if (carriesOn(answer, place, first)) return answer.body;
  answer.close();
  throw broken;
}

function carriesOn(answer: HttpAnswer, place: Place, first: number): boolean {
  const { status, fields, length } = answer;
  const range = contentRange(fields);
  if (status !== 206 || range?.first !== first || codingOf(fields) !== place.coding) return false;
  const expected = range.last - range.first + 1;
  return isSame(fields, place) && endsRight(range, place) && (length === undefined || length === expected);
}

/** RFC 9110 §15.3.7 has a 206 repeat its ETag; a date it may leave out. */
function isSame(fields: Fields, { validator }: Place): boolean {
  if (validator.startsWith('"')) return fields.first("etag") === validator;
  return (fields.first("last-modified") ?? validator) === validator;
}

/** A part that ends early, or late, would make a whole of another length than was said. */
function endsRight({ last, total }: ContentRange, place: Place): boolean {
  if (total !== undefined && place.total !== undefined && total !== place.total) return false;
  if (place.length !== undefined) return last === place.start + place.length - 1;
  return total === undefined || last === total - 1;
}

function codingOf(fields: Fields): string {
  return fields.list("content-encoding").join(",");
}
