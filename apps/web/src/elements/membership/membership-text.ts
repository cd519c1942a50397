import type { AdmissionMode } from "@tabor/rtc-link";
import type { Invitation, MembershipState } from "../../services/membership.ts";
import { sentence as asSentence } from "../connection/connection-text.ts";

/** How a person stands with the network, and what to do. */
export interface MembershipText {
  readonly headline: string;
  readonly sentence: string;
}

export function standingText(
  { standing, key }: MembershipState,
  admission: AdmissionMode | undefined,
): MembershipText {
  switch (standing) {
    case "unknown":
      return text("Asking the network", "Its server has not said yet whether it lets this browser in.");
    case "open":
      return text("This network is open to everybody", "There are no members, and nothing to do here.");
    case "member":
      return text(
        "This browser is a member",
        "It takes part by tokens that the server signs without seeing them: neither it nor a guard learns from them which member you are.",
      );
    case "revoked":
      return text(
        "This browser is no member any more",
        "The network has let it in before, and does not now: its operator has taken its key from the list. If that was not meant so, ask the operator to add the key below again.",
      );
    case "outside":
      return text("This browser is not a member", outside(admission, key !== undefined));
  }
}

function outside(admission: AdmissionMode | undefined, hasKey: boolean): string {
  const byKey = hasKey
    ? "Give the key below to whoever runs the network. Once it is on the list this browser is let in by itself."
    : "Whoever runs the network can add this browser by its member key, which you make here.";
  return admission === "invite" ? `If you were sent an invitation, open its link here. Or: ${byKey}` : byKey;
}

/** @param host of the network's web app. @returns undefined if there is no invitation to speak of. */
export function invitationText(
  invitation: Invitation,
  standing: MembershipState["standing"],
  host: string,
): MembershipText | undefined {
  switch (invitation.name) {
    case "none":
      return undefined;
    case "unreadable":
      return text(
        "This link holds no invitation",
        "It may have been cut off. Copy the whole of it, or ask for another one.",
      );
    case "offered":
      return offered(standing, host);
    case "redeeming":
      return text("Using the invitation", "The server is asked to make this browser's key a member.");
    case "refused":
      return text(
        "The invitation was not accepted",
        "It was used already, its time is over, or there never was such a code; the server does not say which. Ask whoever invited you for a new one.",
      );
    case "failed":
      return text(
        "The invitation could not be used",
        `${asSentence(invitation.problem.message)} It is as good as before: try again.`,
      );
  }
}

function offered(standing: MembershipState["standing"], host: string): MembershipText {
  if (standing === "open")
    return text("You need no invitation", `The network of ${host} is open to everybody. It was not used.`);
  if (standing === "member")
    return text(
      "This browser is a member already",
      "The invitation was not used, and is as good as before for somebody else.",
    );
  return text(
    `You are invited to ${host}`,
    "This network lets its members in only. The invitation makes this browser one.",
  );
}

/** What the server learns when an invitation is used, or a key is registered. */
export const WHAT_IS_LEARNT: readonly (readonly [what: string, text: string])[] = [
  [
    "A key is made",
    "in this browser, and kept here. Its private half never leaves it, nor can it be copied.",
  ],
  [
    "The server learns",
    "that key, your network address, that this invitation was used and when, and later how often this browser draws tokens.",
  ],
  [
    "It does not learn",
    "from the tokens which circuits are yours. But they are drawn from the same address, and often shortly before they are used: whoever sees both can put the two together.",
  ],
];

function text(headline: string, sentence: string): MembershipText {
  return { headline, sentence };
}
