import type { Page } from "../../browsing/page.ts";

/** What a screen reader is told when the page changes; not each kilobyte. */
export function announcement(page: Page): string {
  switch (page.kind) {
    case "blank":
      return "";
    case "loading":
      return `Loading ${page.url.host}`;
    case "document":
      return `${page.title === "" ? page.url.host : page.title} is shown`;
    case "offer":
      return `A file is offered: ${page.fileName}`;
    case "saving":
      return `Saving ${page.fileName}`;
    case "saved":
      return `${page.fileName} is saved`;
    case "needs-tls":
      return "This address needs https, which Tabor cannot open yet";
    case "unsupported":
      return "This address is not for Tabor";
    case "failed":
      return `${page.explanation.title}, ${page.explanation.where}`;
  }
}
