import { Option, type Command } from "commander";

/** How a program logs. */
export interface LogOptions {
  readonly logLevel: string;
  /** Undefined: as fits where it goes. */
  readonly logFormat?: "json" | "text";
  readonly logAddresses?: boolean;
}

const LEVELS = ["silent", "error", "warn", "info", "debug"];

export function withLogOptions(command: Command): Command {
  return command
    .addOption(new Option("--log-level <level>", "how much to log").choices(LEVELS).default("info"))
    .addOption(
      new Option(
        "--log-format <format>",
        "one JSON object a line, or text; without it, text on a terminal",
      ).choices(["json", "text"]),
    )
    .option("--log-addresses", "show targets and addresses in the log, which hides them otherwise");
}
