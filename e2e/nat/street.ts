/** Programs and a browser in the namespaces of `namespace.sh`. */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "../fixtures/chromium.ts";
import { Program, type ProgramOptions } from "../fixtures/program.ts";

/** Two addresses of the street. */
export const [ONE, OTHER] = ["10.77.0.1", "10.77.0.2"];
export const PATIENCE = { timeout: 240_000 };

export type House = 1 | 2;

/** Whatever is started on the street or in a house, until it ends. */
export class Street {
  readonly folder: string;
  readonly #started: Program[] = [];
  #browser: Browser | undefined;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Street> {
    return new Street(await mkdtemp(join(tmpdir(), "tabor-street-")));
  }

  /** On the street, unless it is in a house. */
  program(options: Omit<ProgramOptions, "name" | "within">, house?: House): Program {
    const within = house === undefined ? [] : enter(house);
    const program = new Program({ name: options.script, ...options, within });
    this.#started.push(program);
    return program;
  }

  /** A directory on the street. @returns its address, and its authority's key. */
  async directory(
    port: number,
    ice: readonly string[] = [],
  ): Promise<{ readonly url: string; readonly authority: string }> {
    const state = join(this.folder, `directory-${port}`);
    const where = ["--host", ONE, "--port", String(port), "--state", state, "--web", "apps/web/dist"];
    const program = this.program({ script: "apps/signal/dist/authority.js", args: [...where, ...ice] });
    const [, url = "", authority = ""] = await program.line(/^directory ready (\S+) authority=(\S+)$/);
    return { url, authority };
  }

  /**
   * A tab in a house that begins to volunteer. The directory's port is one of its own machine, too: the app is trusted there.
   * @param port of the directory.
   */
  async volunteer(house: House, port: number): Promise<Page> {
    const forward = this.program({ script: "e2e/nat/forward.mjs", args: [String(port), ONE] }, house);
    await forward.line(/forwarding/);
    const executablePath = join(this.folder, "chromium");
    await writeFile(executablePath, `#!/bin/sh\nexec ${enter(house).join(" ")} ${chromiumPath()} "$@"\n`);
    await chmod(executablePath, 0o700);
    this.#browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
    const page = await this.#browser.newPage();
    await page.goto(`http://app.tabor.localhost:${port}/`, PATIENCE);
    for (const button of ["view-volunteer", "volunteer-switch", "consent-yes"])
      await page.getByTestId(button).click(PATIENCE);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    for (const program of this.#started) await program.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function enter(house: House): readonly string[] {
  return ["nsenter", `--net=/run/netns/house${house}`];
}
