import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import { CHROMIUM_FLAGS, chromiumPath } from "../../e2e/fixtures/chromium.ts";
import type { MeasuredProcess } from "../circuit/measured-process.ts";
import type { FromChild, FromParent } from "../circuit/messages.ts";
import type { ParentOfPage } from "../circuit/parent.ts";
import { bundled } from "../lib/chromium.ts";
import type { PageWithLongTasks } from "./long-tasks.ts";

/** Chromium with some tabs, a renderer process each, which run one script. */
export class Tabs {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #pages = new Map<string, Page>();

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  static async launch(entry: URL): Promise<Tabs> {
    const script = await bundled(fileURLToPath(entry));
    const server = createServer(({ url }, response) => {
      const isScript = url === "/page.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const executablePath = chromiumPath();
    const args = [...CHROMIUM_FLAGS, "--disable-features=WebRtcHideLocalIpsWithMdns"];
    const browser = await chromium.launch({ args, ...(executablePath ? { executablePath } : {}) });
    return new Tabs(browser, server);
  }

  /** A tab that runs the script, with `argument` in its address after the question mark. */
  async open(name: string, argument: string): Promise<MeasuredProcess> {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    this.#pages.set(name, page);
    const listeners = new Set<(message: FromChild) => void>();
    page.on("pageerror", (error) => console.error(`${name}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") console.error(`${name}: ${message.text()}`);
    });
    await page.exposeFunction("benchTell", (message: FromChild) => {
      for (const listener of listeners) listener(message);
    });
    const process: MeasuredProcess = {
      pid: undefined,
      send: (message) => void page.evaluate(hear, message).catch(() => undefined),
      listen: (listener) => listeners.add(listener),
      ended: (listener) => page.once("crash", () => listener("crashed")),
      stop: () => void context.close().catch(() => undefined),
    };
    const { port } = this.#server.address() as AddressInfo;
    // Only when somebody listens.
    setImmediate(() => void page.goto(`http://127.0.0.1:${port}/?${encodeURIComponent(argument)}`));
    return process;
  }

  /** Processor time that the whole browser has used so far, in seconds. */
  async cpuSeconds(): Promise<number> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  }

  /** Of all tabs since the last call: lengths of the tasks that kept a page from its next frame. */
  async longTasks(): Promise<readonly number[]> {
    return (await Promise.all([...this.#pages.values()].map((page) => page.evaluate(takeLongTasks)))).flat();
  }

  /** Writes what the main thread of each tab does meanwhile as `FOLDER/NAME.cpuprofile`. */
  async profiled(folder: string, run: () => Promise<unknown>): Promise<void> {
    const sessions = await Promise.all(
      [...this.#pages].map(async ([name, page]) => {
        const session = await page.context().newCDPSession(page);
        await session.send("Profiler.enable");
        await session.send("Profiler.start");
        return { name, session };
      }),
    );
    await run();
    for (const { name, session } of sessions) {
      const { profile } = await session.send("Profiler.stop");
      writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(profile));
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

function hear(message: FromParent): void {
  (window as unknown as ParentOfPage).benchHear(message);
}

function takeLongTasks(): number[] {
  return (window as unknown as PageWithLongTasks).benchLongTasks.splice(0);
}
