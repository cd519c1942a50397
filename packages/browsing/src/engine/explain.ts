import type { ErrorPlace, TaborError } from "@tabor/onion-core";

/** What a person is told of an error: what happened, where, and what to do. */
export interface Explanation {
  readonly title: string;
  /** Where on the way, in words. */
  readonly where: string;
  readonly advice: string;
  /** The program's own words, for whoever wants to know. */
  readonly detail: string;
}

const PLACES: Readonly<Record<ErrorPlace, string>> = {
  here: "in this tab",
  directory: "at the directory, which lists the relays",
  link: "between this tab and its guard",
  relay: "at a relay of the circuit",
  exit: "at the exit, the last relay",
  site: "at the site itself",
};

export function explain(error: TaborError): Explanation {
  const [title, advice] = inWords(error);
  return { title, where: PLACES[error.where], advice, detail: error.message };
}

const AGAIN = "Try again; another circuit will be used.";

const NOT_THE_SITE = [
  "The site cannot prove who it is",
  "Somebody may be in the middle, or the site is badly set up. Tabor shows no way around this. Try another circuit: if it fails there too, the site is at fault.",
] as const;

function inWords(error: TaborError): readonly [title: string, advice: string] {
  switch (error.code) {
    case "resolve-failed":
      return ["The site's name was not found", "Check the spelling of the address."];
    case "refused":
      return ["The site refused the connection", "Nothing listens at this address and port, or not for us."];
    case "reset":
      return ["The site broke off the connection", "Try again in a while."];
    case "exit-policy":
      return [
        "No exit may connect there",
        "Exits refuse private networks, and some ports. If the address is right, Tabor cannot reach it.",
      ];
    case "malformed":
    case "protocol":
      return error.where === "site"
        ? ["The site's answer makes no sense", "It may not be a web site. Nothing was shown, to be safe."]
        : ["A peer broke the protocol", AGAIN];
    case "not-authentic":
      return error.where === "site"
        ? NOT_THE_SITE
        : ["Someone on the way is not who they should be", `The connection was cut to be safe. ${AGAIN}`];
    case "not-a-member":
      return ["This network is for its members", "An invitation lets you in, or its operator does."];
    case "expired":
      if (error.where === "site") return NOT_THE_SITE;
      return [
        "The list of relays is out of date",
        "Wait for the directory to come back; check this computer's clock.",
      ];
    case "no-path":
      return [
        "There are not enough relays just now",
        "A circuit needs three, the last of them an exit. Wait, or invite somebody to volunteer.",
      ];
    case "aborted":
      return ["Stopped", "Reload to try again."];
    case "usage":
      return ["Something went wrong in the app", "Please report this, with the words below."];
    case "resource-limit":
    case "timeout":
    case "closed":
    case "unreachable":
      return byPlace(error);
  }
}

function byPlace({ code, where }: TaborError): readonly [title: string, advice: string] {
  if (where === "here" && code === "unreachable")
    return ["This browser does not let the app show pages", "What it must allow is said below."];
  if (where === "here" && code === "resource-limit")
    return ["There is no room for that here", "What is in the way is said below."];
  if (where === "site") return atSite(code);
  if (where === "directory")
    return [
      "The directory cannot be reached",
      "Check your connection. If you run Tabor on this computer, see whether it still runs.",
    ];
  if (where === "link")
    return ["The guard cannot be reached", "It is tried again by itself; a firewall may be in the way."];
  if (code === "timeout") return ["The circuit took too long", AGAIN];
  if (code === "resource-limit") return ["A relay has too much to do", AGAIN];
  return ["The circuit was lost", AGAIN];
}

function atSite(code: TaborError["code"]): readonly [title: string, advice: string] {
  switch (code) {
    case "timeout":
      return ["The site does not answer", "It may be down or busy. Try again in a while."];
    case "resource-limit":
      return ["The site sends more than Tabor takes", "Its answer has no end, or redirects in circles."];
    case "unreachable":
      return ["There is no way to the site", "The exit found no route to this address."];
    default:
      return ["The site stopped in the middle", "Its answer is not whole, so it is not shown. Try again."];
  }
}
