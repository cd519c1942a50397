import type { FrameLocator, Page } from "@playwright/test";

/** Where the elements of the shown page are found. */
export type Shown = Pick<Page & FrameLocator, "locator" | "getByRole" | "getByLabel" | "getByText">;

export interface Downloaded {
  readonly fileName: string;
  readonly bytes: Buffer;
}

/** A browser as a person has it: Chromium itself, or the one in Tabor's web app. */
export interface Surface {
  readonly name: string;
  /** Whether pages may run scripts, load fonts, and show SVG. */
  readonly level: "safest" | "standard";
  readonly shown: Shown;
  /** Types an address and waits until the document has come. @throws if it cannot be shown. */
  open(address: string): Promise<void>;
  /** Opens what cannot be shown. @returns what the person reads about it. */
  openInVain(address: string): Promise<string>;
  /** What the address bar says. */
  address(): Promise<string>;
  title(): Promise<string>;
  back(): Promise<void>;
  forward(): Promise<void>;
  reload(): Promise<void>;
  /** What is to be seen of the page without scrolling, as PNG. */
  picture(): Promise<Buffer>;
  /** The file that comes of doing this. */
  download(start: () => Promise<void>): Promise<Downloaded>;
}
