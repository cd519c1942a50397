import { TaborError } from "@tabor/onion-core";
import { parseTOML, type AST } from "toml-eslint-parser";

/** One `name = value` of a configuration file. */
export interface ConfigEntry {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  /** As it would stand on a command line; a list for an option that takes several, a boolean for one that takes nothing. */
  readonly value: string | boolean | readonly string[];
}

/**
 * What a configuration file says: TOML 1.0 without sections, in the order of the file.
 * @throws malformed, with the line, for what is no TOML, a name that comes twice, a section, a date or a table.
 */
export function configEntries(text: string): readonly ConfigEntry[] {
  return programOf(text).body[0].body.map(entryOf);
}

/** An error of a configuration file, at a line. */
export function atLine(line: number, problem: string): TaborError {
  return new TaborError("malformed", "here", `line ${String(line)}: ${problem}`);
}

function programOf(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: "1.0" });
  } catch (thrown) {
    if (!isAtLine(thrown)) throw thrown;
    throw atLine(thrown.lineNumber, thrown.message);
  }
}

function isAtLine(thrown: unknown): thrown is Error & { readonly lineNumber: number } {
  return thrown instanceof Error && "lineNumber" in thrown && typeof thrown.lineNumber === "number";
}

function entryOf(node: AST.TOMLKeyValue | AST.TOMLTable): ConfigEntry {
  const { line } = node.loc.start;
  if (node.type === "TOMLTable") throw atLine(line, "there are no sections here");
  const name = node.key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value)).join(".");
  return { name, line, value: valueOf(node.value, name) };
}

function valueOf(node: AST.TOMLContentNode, name: string): ConfigEntry["value"] {
  if (node.type === "TOMLArray") return node.elements.map((element) => textOf(element, name));
  return node.type === "TOMLValue" && node.kind === "boolean" ? node.value : textOf(node, name);
}

function textOf(node: AST.TOMLContentNode, name: string): string {
  if (node.type === "TOMLValue") {
    switch (node.kind) {
      case "string":
        return node.value;
      case "integer":
        return String(node.bigint);
      case "float":
        return String(node.value);
      default:
    }
  }
  throw atLine(node.loc.start.line, `${name} takes text, a number, or a list of them`);
}
