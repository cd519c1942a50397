/** Pages of the app itself, in tabs like those of sites; nothing is sent for them. */
export const OWN_PAGES = ["start", "network", "membership", "volunteer", "about"] as const;
export type OwnPage = (typeof OWN_PAGES)[number];

export const OWN_TITLES: Readonly<Record<OwnPage, string>> = {
  start: "Start",
  network: "Network",
  membership: "Membership",
  volunteer: "Volunteer",
  about: "About Tabor",
};

export function ownUrl(page: OwnPage): string {
  return `tabor:${page}`;
}

/** The page of the app that a URL stands for. */
export function ownPage(url: string): OwnPage | undefined {
  return OWN_PAGES.find((page) => ownUrl(page) === url.toLowerCase());
}
