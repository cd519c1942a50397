import { TaborError, type RelayId } from "@tabor/onion-core";
import { expect, test } from "vitest";
import type { Invitation, Standing } from "../../services/membership.ts";
import { invitationText, standingText } from "./membership-text.ts";

const key = { id: "A".repeat(43) as RelayId, isKept: true };
const none = { name: "none" } as const;
const STANDINGS: readonly Standing[] = ["unknown", "open", "outside", "member", "revoked"];

test("each standing has words of its own", () => {
  const headlines = STANDINGS.map(
    (standing) => standingText({ standing, invitation: none, key }, "invite").headline,
  );
  expect(new Set(headlines).size).toBe(STANDINGS.length);
});

test("who is outside is told of invitations only where there are any, and of the key that there is", () => {
  const outside = { standing: "outside", invitation: none } as const;
  const said = (own: typeof key | undefined, admission: "invite" | "members"): string =>
    standingText({ ...outside, key: own }, admission).sentence;
  expect(said(undefined, "invite")).toMatch(/invitation.*you make here/);
  expect(said(key, "members")).toMatch(/^Give the key below/);
});

test("an invitation that nobody needs was not used, and says so", () => {
  const offered: Invitation = { name: "offered" };
  expect(invitationText(offered, "outside", "app.test")?.headline).toBe("You are invited to app.test");
  expect(invitationText(offered, "open", "app.test")?.sentence).toContain("not used");
  expect(invitationText(offered, "member", "app.test")?.sentence).toContain("not used");
  expect(invitationText(none, "member", "app.test")).toBeUndefined();
});

test("whether an invitation is lost is said: where it was refused, and where nobody answered", () => {
  const problem = new TaborError("timeout", "directory", "no sign of the directory's welcome within 15 s");
  expect(invitationText({ name: "refused" }, "outside", "app.test")?.sentence).toContain("a new one");
  expect(invitationText({ name: "failed", problem }, "outside", "app.test")?.sentence).toBe(
    "No sign of the directory's welcome within 15 s. It is as good as before: try again.",
  );
});
