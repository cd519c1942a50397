import { readFileSync } from "node:fs";
import { TaborError } from "@tabor/onion-core";
import type { Command, Option } from "commander";
import { atLine, configEntries, type ConfigEntry } from "./config-entries.ts";
import { nameDashedKeys } from "./dashed-keys.ts";

/** What is for the command line alone. */
const NOT_IN_A_FILE = new Set(["config", "help"]);

/**
 * Parses a command line that may name a configuration file: `--config FILE`, TOML, with the long names of the options. What is said on the command line goes
 * before what the file says. As for a bad option, the program ends with a sentence for a bad file: its name, the line and what is wrong.
 * @param argv without the program's name
 */
export function parseWithConfig(command: Command, argv: readonly string[]): Command {
  command.option("--config <file>", "a file of options, one a line: capacity = 4096");
  command.parse(nameDashedKeys(argv), { from: "user" });
  const { config } = command.opts<{ config?: string }>();
  if (config === undefined) return command;
  try {
    for (const entry of configEntries(readFileSync(config, "utf8"))) apply(command, entry);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    command.error(`error: ${config}${thrown instanceof TaborError ? ", " : ": "}${why}`);
  }
  return command;
}

function apply(command: Command, entry: ConfigEntry): void {
  const option = command.options.find(({ long }) => long === `--${entry.name}`);
  if (option === undefined || NOT_IN_A_FILE.has(entry.name)) {
    throw atLine(entry.line, `there is no option ${entry.name}`);
  }
  const value = parsed(option, entry);
  const name = option.attributeName();
  if (command.getOptionValueSource(name) !== "cli") command.setOptionValueWithSource(name, value, "config");
}

function parsed(option: Option, { name, line, value }: ConfigEntry): unknown {
  if (option.isBoolean()) {
    if (typeof value === "boolean") return value;
    throw atLine(line, `${name} is true or false`);
  }
  if (typeof value === "boolean" || Array.isArray(value) !== option.variadic) {
    throw atLine(line, option.variadic ? `${name} takes a list: ["…"]` : `${name} takes one value`);
  }
  try {
    return [value]
      .flat()
      .reduce((before: unknown, text) => parsedText(option, text, before), option.defaultValue);
  } catch (thrown) {
    throw atLine(line, `${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

function parsedText(option: Option, text: string, before: unknown): unknown {
  return option.parseArg === undefined ? text : option.parseArg(text, before as never);
}
