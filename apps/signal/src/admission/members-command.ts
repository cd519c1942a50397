import { resolve } from "node:path";
import { parseRelayId, type Random, type RelayId, TaborError } from "@tabor/onion-core";
import { Argument, Command, InvalidArgumentError } from "commander";
import { renderUnicodeCompact } from "uqr";
import type { FolderRegister } from "./folder-register.ts";
import { isName } from "./note.ts";

export interface MembersCommandDeps {
  readonly open: (stateFolder: string) => Promise<FolderRegister>;
  readonly random: Random;
  /** Prints one line for the operator. */
  readonly print: (line: string) => void;
}

const DAY = 86_400_000;
/** One key in 64 begins with "-", so its commands take what looks like an unknown option for a key. */
const KEY = new Argument("<key>", "43 characters of base64url").argParser(parseKey);
const MAX_INVITES = 1000;
const MAX_DAYS = 365;

/** The operator's command line. A directory that runs sees each change at once. */
export function membersCommand(deps: MembersCommandDeps): Command {
  const command = new Command("tabor-members")
    .description("Who belongs to a network that does not let everybody in.")
    .option("--state <folder>", "the directory's state folder", ".tabor/signal");
  const register = (): Promise<FolderRegister> => deps.open(resolve(command.opts<{ state: string }>().state));
  command
    .command("add")
    .description(
      "register a key: what a program or the web app shows as its member key, or a relay's identity",
    )
    .addArgument(KEY)
    .allowUnknownOption()
    .option("--name <words>", "what you will find in the list", parseName, "")
    .action(async (key: RelayId, { name }: { name: string }) => {
      const isNew = await (await register()).add(key, name);
      deps.print(isNew ? `${key} is a member now.` : `${key} was a member already.`);
    });
  command
    .command("revoke")
    .description("remove a key: its sessions end at once")
    .addArgument(KEY)
    .allowUnknownOption()
    .action(async (key: RelayId) => {
      if (await (await register()).revoke(key)) deps.print(`${key} is no member any more.`);
      else throw new TaborError("usage", "here", `${key} is not a member.`);
    });
  command
    .command("list")
    .description("print the members")
    .action(async () => {
      for (const { key, name, since } of await (await register()).list()) {
        deps.print(`${key}  ${new Date(since).toISOString()}  ${name}`.trimEnd());
      }
    });
  return withInvite(command, { ...deps, register });
}

interface InviteOptions {
  readonly count: number;
  readonly days: number;
  readonly name: string;
  readonly app?: string;
  readonly qr?: true;
}

function withInvite(
  command: Command,
  { register, random, print }: MembersCommandDeps & { register: () => Promise<FolderRegister> },
): Command {
  command
    .command("invite")
    .description("print codes, each of which makes one key a member")
    .option("--count <number>", "how many", wholeNumber(MAX_INVITES), 1)
    .option("--days <number>", "how long they are good", wholeNumber(MAX_DAYS), 7)
    .option("--name <words>", "what you will find in the list once they are used", parseName, "")
    .option("--app <address>", "the web app, to print links that open it", parseApp)
    .option("--qr", "draw each link as a QR code, to be scanned from the screen; needs --app")
    .action(async ({ count, days, name, app, qr }: InviteOptions) => {
      if (qr && app === undefined)
        throw new TaborError("usage", "here", "A QR code holds a link: give --app.");
      const folder = await register();
      for (let i = 0; i < count; i++) {
        const code = await folder.invite({ random, name, life: days * DAY });
        const text = app === undefined ? code : `${app}/#invite=${code}`;
        print(text);
        if (qr) print(renderUnicodeCompact(text, { ecc: "M", border: 2 }));
      }
    });
  return command;
}

function parseKey(text: string): RelayId {
  try {
    return parseRelayId(text);
  } catch {
    throw new InvalidArgumentError("A key is 43 characters of base64url.");
  }
}

function parseName(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError("A name is one line of at most 100 characters.");
}

function parseApp(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new InvalidArgumentError("The web app is at an http: or https: address.");
}

function wholeNumber(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^[0-9]{1,6}$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`A whole number from 1 to ${String(most)} is wanted.`);
  };
}
