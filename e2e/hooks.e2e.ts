/**
 * The hooks in Chromium, against a server and a service worker that stand for the view: pages work with addresses of other sites, and
 * everything they ask for is the view's. That nothing else can be asked for is not theirs to promise (e2e/leak).
 */
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import type { PageMessage } from "@tabor/browsing/page";
import { rewriteModule } from "@tabor/rewrite";
import { type Asked, SITE, startViewDouble, type ViewDouble } from "./hooks/view-double.ts";

let view: ViewDouble;
test.beforeEach(async () => {
  view = await startViewDouble();
});
test.afterEach(async () => {
  await view.close();
});

// Neither zone nor language of this browser shall be seen.
test.use({ timezoneId: "Asia/Tokyo", locale: "de-DE" });

/** A page of the site, under a service worker. */
async function opened(context: BrowserContext, html = "", path = "/dir/page?q=1"): Promise<Page> {
  view.page(path, html);
  const page = await context.newPage();
  await page.goto(`${view.origin}/~boot`);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register("/~sw.js");
    await navigator.serviceWorker.ready;
    while (navigator.serviceWorker.controller === null)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
      );
  });
  await page.goto(view.origin + path);
  return page;
}

interface Listener {
  /** What the hooks said so far. */
  heard(): Promise<PageMessage[]>;
}

/** To be there before the page says something. */
async function listener(context: BrowserContext): Promise<Listener> {
  const page = await context.newPage();
  await page.goto(`${view.origin}/~boot`);
  await page.evaluate(() => {
    const all: unknown[] = [];
    new BroadcastChannel("heard").onmessage = ({ data }: MessageEvent<unknown>) => all.push(data);
    Object.assign(window, { all });
  });
  return { heard: () => page.evaluate(() => (window as unknown as { all: PageMessage[] }).all) };
}

/** Whether it was asked for as `use`; a path of the site's own stands for itself. */
const isAsked = (address: string, use: string): boolean =>
  view.asked.some(({ minted, path }: Asked) =>
    address.startsWith("/")
      ? path === address && minted === undefined
      : minted?.url === address && minted.use === use,
  );
const expectAsked = (address: string, use: string) =>
  expect.poll(() => isAsked(address, use), { message: `${use} ${address}` }).toBe(true);

test("what scripts ask for by themselves comes through the view", async ({ context }) => {
  view.serve("https://api.test/json", "application/json", '{"a":1}');
  view.serve("https://cdn.test/part.js", "text/javascript", "self.part = 1");
  view.serve(
    "/dir/work.js",
    "text/javascript",
    "importScripts('https://cdn.test/part.js'); fetch('https://api.test/worker?' + part)",
  );
  const page = await opened(context);
  const results = await page.evaluate(async (site) => {
    const json = (await (await fetch("https://api.test/json")).json()) as unknown;
    const { url } = await fetch(new Request(new URL("https://api.test/request")));
    void fetch(`${site}/own?a`, { method: "POST", body: "x" });
    void fetch("relative");
    const xhr = new XMLHttpRequest();
    xhr.open("GET", "//api.test/xhr");
    const loaded = new Promise((resolve) => (xhr.onload = resolve));
    xhr.send();
    await loaded;
    const events = new EventSource("https://api.test/events");
    navigator.sendBeacon("https://api.test/beacon", "x");
    new Audio("https://cdn.test/sound").load();
    new Worker("work.js");
    const code = "fetch('https://api.test/blob'); fetch('/from-blob')";
    new Worker(URL.createObjectURL(new Blob([code])));
    new Worker(`data:text/javascript,${encodeURIComponent("fetch('https://api.test/data')")}`, {
      type: "module",
    });
    return { json, url, xhr: xhr.responseURL, events: events.url };
  }, SITE);
  expect(results).toEqual({
    json: { a: 1 },
    url: "https://api.test/request",
    xhr: "https://api.test/xhr",
    events: "https://api.test/events",
  });
  for (const name of ["json", "request", "xhr", "events", "beacon", "worker?1", "blob", "data"])
    await expectAsked(`https://api.test/${name}`, "fetch");
  await expectAsked("https://cdn.test/sound", "media");
  await expectAsked("https://cdn.test/part.js", "script");
  for (const path of ["/own?a", "/dir/relative", "/dir/work.js", "/from-blob"]) await expectAsked(path, "");
});

test("what scripts make of elements comes through the view, and reads as they wrote it", async ({
  context,
}) => {
  const page = await opened(
    context,
    "<base href=/base/><div id=here></div><table><tbody id=rows></tbody></table>",
  );
  const read = await page.evaluate(() => {
    const make = <K extends keyof HTMLElementTagNameMap>(
      name: K,
      how: (element: HTMLElementTagNameMap[K]) => void,
    ) => {
      const element = document.createElement(name);
      how(element);
      document.body.append(element);
      return element;
    };
    const image = make("img", (one) => (one.src = "//cdn.test/property"));
    const set = make("img", (one) => one.setAttribute("srcset", "https://cdn.test/set 1x"));
    make("script", (one) => Object.assign(one, { src: "https://cdn.test/script", integrity: "sha256-AAAA" }));
    const sheet = make("link", (one) => {
      one.href = "https://cdn.test/sheet";
      one.rel = "stylesheet";
    });
    make("iframe", (one) => (one.src = "https://frame.test/"));
    const link = make("a", (one) => (one.href = "https://other.test:8443/a/b?c#d"));
    const drawing = document.createElementNS("http://www.w3.org/2000/svg", "image");
    drawing.setAttributeNS("http://www.w3.org/1999/xlink", "xlink:href", "https://cdn.test/drawing");
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.append(drawing);
    document.body.append(svg);
    const here = document.getElementById("here");
    if (here === null) throw new Error("not here");
    here.innerHTML = '<p><img src="https://cdn.test/inner"><a href="https://x.test/">x</a><img src=own.png>';
    here.insertAdjacentHTML("beforeend", "<video poster=https://cdn.test/poster>");
    const rows = document.getElementById("rows");
    if (rows !== null) rows.innerHTML = "<tr><td><img src=https://cdn.test/row></td></tr>";
    const parsed = new DOMParser().parseFromString("<img src=https://cdn.test/parsed>", "text/html");
    document.body.append(document.adoptNode(parsed.images[0] ?? new Image()));
    const xml = new DOMParser().parseFromString(
      '<html xmlns="http://www.w3.org/1999/xhtml"><img src="https://cdn.test/xml"/></html>',
      "application/xhtml+xml",
    );
    document.body.append(document.importNode(xml.documentElement, true));
    const { href, host, port, pathname, search, hash, origin } = link;
    return {
      image: [image.src, image.getAttribute("src")],
      set: set.srcset,
      sheet: sheet.href,
      link: { href, host, port, pathname, search, hash, origin, text: String(link) },
      inner: here.innerHTML,
    };
  });
  expect(read).toEqual({
    image: ["https://cdn.test/property", "//cdn.test/property"],
    set: "https://cdn.test/set 1x",
    sheet: "https://cdn.test/sheet",
    link: {
      ...{ href: "https://other.test:8443/a/b?c#d", host: "other.test:8443", port: "8443", pathname: "/a/b" },
      ...{
        search: "?c",
        hash: "#d",
        origin: "https://other.test:8443",
        text: "https://other.test:8443/a/b?c#d",
      },
    },
    inner:
      '<p><img src="https://cdn.test/inner"><a href="https://x.test/">x</a><img src="own.png"></p><video poster="https://cdn.test/poster"></video>',
  });
  for (const name of ["property", "set", "drawing", "inner", "poster", "row", "parsed", "xml"])
    await expectAsked(`https://cdn.test/${name}`, "image");
  await expectAsked("https://cdn.test/script", "script");
  await expectAsked("https://cdn.test/sheet", "style");
  await expectAsked("https://frame.test/", "frame");
  await expectAsked("/base/own.png", "");
});

test("styles that scripts set come through the view", async ({ context }) => {
  const page = await opened(context, "<p id=p>x</p><i id=i>x</i><b id=b>x</b><u id=u>x</u>");
  const read = await page.evaluate(() => {
    const [p, i, b, u] = ["p", "i", "b", "u"].map((id) => document.getElementById(id));
    if (!p || !i || !b || !u) throw new Error("not here");
    p.style.backgroundImage = "url(https://cdn.test/property)";
    i.style.setProperty("list-style-image", "url('https://cdn.test/unused')");
    i.style.cssText = "background: url(https://cdn.test/text)";
    b.setAttribute("style", "background: url(https://cdn.test/attribute)");
    const sheet = document.createElement("style");
    document.head.append(sheet);
    sheet.append("s { background: url(https://cdn.test/appended) }");
    sheet.sheet?.insertRule("u { background: url(https://cdn.test/rule) }");
    document.body.append(document.createElement("s"));
    for (const one of document.querySelectorAll("s")) one.textContent = "s";
    void new FontFace("f", "url(https://cdn.test/font)").load().catch(() => undefined);
    return {
      property: p.style.backgroundImage,
      isDeclaration: p.style instanceof CSSStyleDeclaration,
      text: sheet.textContent,
    };
  });
  expect(read).toEqual({
    property: 'url("https://cdn.test/property")',
    isDeclaration: true,
    text: 's { background: url("https://cdn.test/appended") }',
  });
  for (const name of ["property", "text", "attribute", "appended", "rule"])
    await expectAsked(`https://cdn.test/${name}`, "image");
  await expectAsked("https://cdn.test/font", "font");
});

test("styles that scripts set by other ways come through the view, too", async ({ context }) => {
  const page = await opened(context, "<p id=p>x</p><i id=i>x</i><b id=b>x</b><u id=u>x</u><s id=s>x</s>");
  await page.evaluate(() => {
    const [p, i, b, u, s] = ["p", "i", "b", "u", "s"].map((id) => document.getElementById(id));
    if (!p || !i || !b || !u || !s) throw new Error("not here");
    const url = (name: string): string => `url(https://cdn.test/${name})`;
    const endless = { duration: 1000, iterations: Infinity };
    p.animate([{ backgroundImage: url("frame") }, { backgroundImage: url("frame") }], endless);
    i.animate({ backgroundImage: [url("property"), url("property")] }, endless);
    const effect = new KeyframeEffect(b, { backgroundImage: [url("effect"), url("effect")] }, endless);
    new Animation(effect).play();
    u.attributeStyleMap.set("background-image", url("map"));
    const sheet = new CSSStyleSheet();
    sheet.insertRule("@keyframes k { from { opacity: 1 } }");
    sheet.insertRule("s { animation: k 1s infinite }");
    (sheet.cssRules[1] as CSSKeyframesRule).appendRule(`to { background-image: ${url("rule")} }`);
    document.adoptedStyleSheets = [sheet];
  });
  for (const name of ["frame", "property", "effect", "map", "rule"])
    await expectAsked(`https://cdn.test/${name}`, "image");
});

test("a link that saves what a page did not make goes the way of all others", async ({ context }) => {
  const page = await opened(context, "<div id=here></div>");
  const found = await page.evaluate(() => {
    const saves = (link: Element): boolean => link.matches("[download]");
    const made = (how: (link: HTMLAnchorElement) => void): [boolean, string] => {
      const link = document.createElement("a");
      how(link);
      return [saves(link), link.download];
    };
    const here = document.getElementById("here");
    if (here === null) throw new Error("not here");
    here.innerHTML = "<a href=https://cdn.test/file download=a>a</a><a href=data:,x download=b>b</a>";
    return {
      before: made((link) => Object.assign(link, { download: "a", href: "https://cdn.test/file" })),
      after: made((link) => Object.assign(link, { href: "/own", download: "b" })),
      attribute: made((link) => {
        link.setAttribute("href", "own");
        link.setAttribute("download", "c");
      }),
      blob: made((link) =>
        Object.assign(link, { download: "d", href: URL.createObjectURL(new Blob(["x"])) }),
      ),
      away: made((link) => {
        Object.assign(link, { href: "data:,x", download: "e" });
        link.href = "/own";
      }),
      markup: [...here.children].map(saves),
    };
  });
  expect(found).toEqual({
    ...{ before: [false, "a"], after: [false, "b"], attribute: [false, "c"], blob: [true, "d"] },
    ...{ away: [false, "e"], markup: [false, true] },
  });
});

test("modules whose names scripts compute come through the view", async ({ context }) => {
  view.serve("https://cdn.test/lib/part.mjs", "text/javascript", "export default 'imported'");
  view.serve("/dir/own.mjs", "text/javascript", "export default 'own'");
  const source = `const [there, own] = ["part", "own"];
    Promise.all([import("https://cdn.test/lib/" + there + ".mjs"), import(\`./\${own}.mjs\`)])
      .then((all) => { document.title = all.map((one) => one.default).join() })`;
  const addresses = { level: "standard", base: new URL(`${SITE}/dir/main.mjs`), mint: String } as const;
  view.serve("/dir/main.mjs", "text/javascript", rewriteModule(source, addresses));
  const page = await opened(context, "<script type=module src=main.mjs></script>");
  await expect(page).toHaveTitle("imported,own");
  await expectAsked("https://cdn.test/lib/part.mjs", "script");
  await expectAsked("/dir/own.mjs", "");
});

test("of an opaque response nothing is seen", async ({ context }) => {
  view.serve("https://api.test/closed", "text/plain", "secret");
  view.serve("/dir/own", "text/plain", "own");
  const page = await opened(context);
  const seen = await page.evaluate(async () => {
    const of = ({ type, status, ok, url, body }: Response): unknown[] => [
      type,
      status,
      ok,
      url,
      body === null,
    ];
    const closed = await fetch("https://api.test/closed", { mode: "no-cors" });
    const asked = await fetch(new Request("https://api.test/closed", { mode: "no-cors" }));
    const own = await fetch("own", { mode: "no-cors" });
    return [of(closed), of(closed.clone()), of(asked), of(own)];
  });
  const opaque = ["opaque", 0, false, "", true];
  expect(seen).toEqual([opaque, opaque, opaque, ["basic", 200, true, `${view.origin}/dir/own`, false]]);
});

test("frames without a document are hooked however a script finds them", async ({ context }) => {
  const page = await opened(
    context,
    `<iframe></iframe><script>window.early = frames[0].document.cookie</script>`,
  );
  const read = await page.evaluate(() => {
    const cookieIn = (index: number): string => window[index]?.document.cookie ?? "no frame";
    document.body.append(document.createElement("iframe"));
    const appended = cookieIn(1);
    document.body.insertAdjacentHTML("beforeend", "<iframe></iframe>");
    const markup = cookieIn(2);
    const frame = window[2];
    if (frame !== undefined) frame.document.cookie = "crosses=1; domain=localhost";
    const box = document.createElement("div");
    document.body.append(box);
    box.innerHTML = "<iframe></iframe>";
    const early: unknown = Reflect.get(window, "early");
    return [early, appended, markup, cookieIn(3)];
  });
  expect(read).toEqual(["seen=1", "seen=1", "seen=1", "seen=1"]);
  expect(await context.cookies()).toEqual([]);
});

test("a shared worker has WebSockets, once a page listens to it", async ({ context }) => {
  view.serve(
    "/dir/shared.js",
    "text/javascript",
    `onconnect = ({ ports: [port] }) => {
      const socket = new WebSocket("wss://other.test/");
      socket.onopen = () => socket.send("x");
      socket.onmessage = ({ data }) => port.postMessage(data);
    }`,
  );
  const page = await opened(context);
  const heard = await page.evaluate(() => {
    const { port } = new SharedWorker("shared.js");
    return new Promise((resolve) => (port.onmessage = ({ data }: MessageEvent<unknown>) => resolve(data)));
  });
  expect(heard).toBe("x");
});

test("messages of windows that are not of the page do not come to it", async ({ context }) => {
  const page = await opened(context);
  const heard = await page.evaluate(async () => {
    const all: unknown[] = [];
    addEventListener("message", ({ data, origin }: MessageEvent<unknown>) => all.push([data, origin]));
    const event = (data: string, origin: string): MessageEvent =>
      new MessageEvent("message", { data, origin, source: window });
    dispatchEvent(event("of another tab", "http://other.view.localhost"));
    dispatchEvent(event("of the app", "http://app.localhost"));
    dispatchEvent(event("own", location.origin));
    postMessage("really own");
    await new Promise((resolve) => setTimeout(resolve, 0));
    return [all, parent === window];
  });
  expect(heard).toEqual([
    [
      ["own", view.origin],
      ["really own", view.origin],
    ],
    true,
  ]);
});

test("documents that scripts write have hooks as well", async ({ context }) => {
  const page = await opened(
    context,
    `<script>document.write("<img src=https://cdn.test/written>", "<script src=https://cdn.test/written.js></" + "script>")</script>`,
  );
  await page.evaluate(() => {
    const frame = document.createElement("iframe");
    frame.srcdoc =
      "<!doctype html><img src=https://cdn.test/embedded><script>fetch('https://api.test/embedded')</script>";
    const blank = document.createElement("iframe");
    document.body.append(frame, blank);
    void (blank.contentWindow as unknown as typeof globalThis).fetch("https://api.test/blank");
    blank.contentDocument?.body.append(
      Object.assign(blank.contentDocument.createElement("img"), { src: "https://cdn.test/blank" }),
    );
  });
  for (const name of ["written", "embedded", "blank"]) await expectAsked(`https://cdn.test/${name}`, "image");
  await expectAsked("https://cdn.test/written.js", "script");
  for (const name of ["embedded", "blank"]) await expectAsked(`https://api.test/${name}`, "fetch");
});

test("a document says of itself what the site expects, and its cookies and title are told", async ({
  context,
}) => {
  const { heard } = await listener(context);
  const page = await opened(context, "<title>One</title>");
  const told = await page.evaluate(() => {
    const before = document.cookie;
    document.cookie = "own=2; Path=/";
    const after = document.cookie;
    document.title = "Two";
    document.cookie = "ask=news";
    return {
      before,
      after,
      url: document.URL,
      uri: document.documentURI,
      domain: Reflect.get(document, "domain"),
      referrer: document.referrer,
    };
  });
  expect(told).toEqual({
    ...{ before: "seen=1", after: "seen=1; own=2", url: `${SITE}/dir/page?q=1`, uri: `${SITE}/dir/page?q=1` },
    ...{ domain: "www.site.test", referrer: "https://search.test/" },
  });
  await expect.poll(() => page.evaluate(() => document.cookie)).toBe("from=engine");
  await expect.poll(heard).toEqual(
    expect.arrayContaining([
      { type: "tabor-page", page: 7 },
      { type: "cookie", cookie: "own=2; Path=/" },
      { type: "title", title: "One" },
      { type: "title", title: "Two" },
    ]),
  );
});

test("windows and addresses of the same page are told, and the page goes on", async ({ context }) => {
  const { heard } = await listener(context);
  const page = await opened(
    context,
    "<a id=new target=_blank href=https://other.test/new>new</a><a id=own target=other href=next>own</a>",
  );
  const result = await page.evaluate((site) => {
    history.pushState({}, "", `${site}/pushed?x`);
    history.replaceState({}, "", "replaced");
    location.hash = "place";
    const messages = new Promise((resolve) => {
      addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        resolve(data);
      });
    });
    postMessage("hello", site);
    let refused = "";
    try {
      history.pushState({}, "", "https://other.test/");
    } catch (error) {
      refused = (error as DOMException).name;
    }
    return messages.then((message) => ({
      message,
      refused,
      opened: window.open("https://other.test/opened"),
      at: location.pathname,
    }));
  }, SITE);
  expect(result).toEqual({ message: "hello", refused: "SecurityError", opened: null, at: "/replaced" });
  await page.click("#new");
  await page.click("#own");
  await expect.poll(heard).toEqual(
    expect.arrayContaining([
      { type: "location", url: `${SITE}/pushed?x`, kind: "push" },
      { type: "location", url: `${SITE}/replaced`, kind: "replace" },
      { type: "location", url: `${SITE}/replaced#place`, kind: "push" },
      { type: "open", url: "https://other.test/opened", activated: true },
      { type: "open", url: "https://other.test/new", activated: true },
      { type: "open", url: `${SITE}/next`, activated: true },
    ]),
  );
});

for (const [what, how] of [
  ["assigned", "location = 'https://other.test/there'"],
  ["replaced", "location.replace('https://other.test/there')"],
  [
    "clicked",
    "document.body.innerHTML = '<a href=https://other.test/there target=_top>x</a>'; document.links[0].click()",
  ],
  ["opened here", "open('https://other.test/there', '_self')"],
  [
    "submitted",
    "document.body.innerHTML = '<form action=https://other.test/there>'; document.forms[0].submit()",
  ],
] as const) {
  test(`an address of another site that is ${what} is the view's`, async ({ context }) => {
    view.serve("https://other.test/there", "text/html", "there");
    const page = await opened(context, "<body>here");
    // Later, when this is answered: it may take the page away.
    await page.evaluate(`void setTimeout(() => { ${how} })`);
    await expect
      .poll(() => view.asked.some(({ minted }) => minted?.url === "https://other.test/there"))
      .toBe(true);
    expect(new URL(page.url()).origin).toBe(view.origin);
  });
}

test("a path of the site's own is told before it is left for", async ({ context }) => {
  const { heard } = await listener(context);
  view.page("/next", "next");
  const page = await opened(context);
  await page.evaluate((site) => {
    setTimeout(() => {
      location.href = `${site}/next`;
    });
  }, SITE);
  await page.waitForURL(`${view.origin}/next`);
  await expect.poll(heard).toContainEqual({ type: "navigating", url: `${SITE}/next`, kind: "push" });
});

test("a WebSocket speaks over a port, in pages and in workers", async ({ context }) => {
  const { heard } = await listener(context);
  const page = await opened(context);
  const result = await page.evaluate(async () => {
    const socket = new WebSocket(`ws://${location.host}/socket`, ["chat"]);
    const next = (type: string): Promise<unknown> =>
      new Promise((resolve) => {
        socket.addEventListener(
          type,
          (event) => {
            resolve("data" in event ? event.data : event);
          },
          { once: true },
        );
      });
    const early = (() => {
      try {
        socket.send("early");
      } catch (error) {
        return (error as DOMException).name;
      }
      return "sent";
    })();
    await next("open");
    socket.send("text €");
    const text = await next("message");
    socket.binaryType = "arraybuffer";
    socket.send(new Blob([Uint8Array.of(1, 2)]));
    socket.send(Uint8Array.of(3));
    const first = [...new Uint8Array((await next("message")) as ArrayBuffer)];
    const second = [...new Uint8Array((await next("message")) as ArrayBuffer)];
    const state = [socket.readyState, socket.protocol, socket.bufferedAmount, socket.url];
    const closed = next("close") as Promise<CloseEvent>;
    socket.close(4000, "done");
    const { code, reason, wasClean } = await closed;
    const refused = new WebSocket("wss://refused.test/");
    const order = await new Promise((resolve) => {
      const seen: string[] = [];
      refused.onerror = () => seen.push("error");
      refused.onclose = ({ code: at }) => {
        resolve([...seen, at]);
      };
    });
    return { early, text, first, second, state, closed: [code, reason, wasClean], order };
  });
  expect(result).toEqual({
    ...{ early: "InvalidStateError", text: "text €", first: [1, 2], second: [3] },
    state: [1, "chat", 0, "wss://www.site.test/socket"],
    closed: [4000, "done", true],
    order: ["error", 1006],
  });
  const inWorker = await page.evaluate(() => {
    const code =
      "const s = new WebSocket('wss://other.test/'); s.onopen = () => s.send('x'); s.onmessage = ({data}) => postMessage(data)";
    const worker = new Worker(URL.createObjectURL(new Blob([code])));
    return new Promise(
      (resolve) =>
        (worker.onmessage = ({ data }: MessageEvent<unknown>) => {
          resolve(data);
        }),
    );
  });
  expect(inWorker).toBe("x");
  await expect
    .poll(heard)
    .toContainEqual({ type: "websocket", url: "wss://www.site.test/socket", protocols: ["chat"] });
});

test("a WebSocket sends no more than it has credit for, and refuses what it must", async ({ context }) => {
  const page = await opened(context);
  const result = await page.evaluate(async () => {
    const socket = new WebSocket("wss://echo.test/");
    await new Promise((resolve) => (socket.onopen = resolve));
    await new Promise((resolve) => setTimeout(resolve, 0));
    let received = 0;
    socket.onmessage = () => (received += 1);
    for (let i = 0; i < 3; i++) socket.send("x".repeat(80_000));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const thrown = [
      () => new WebSocket("nonsense:"),
      () => new WebSocket("wss://a.test/#b"),
      () => new WebSocket("wss://a.test/", ["a", "a"]),
      () => {
        socket.close(1001);
      },
      () => {
        socket.close(1000, "x".repeat(124));
      },
    ].map((act) => {
      try {
        act();
      } catch (error) {
        return (error as DOMException).name;
      }
      return "nothing";
    });
    return { received, waiting: socket.bufferedAmount, thrown };
  });
  // Two of them may be begun with 100 000 bytes of credit.
  expect(result).toEqual({
    received: 2,
    waiting: 80_000,
    thrown: ["SyntaxError", "SyntaxError", "SyntaxError", "InvalidAccessError", "SyntaxError"],
  });
});

test("one browser looks like another", async ({ context }) => {
  const page = await opened(context);
  const seen = await page.evaluate(async () => {
    const inWorker = new Worker(
      URL.createObjectURL(
        new Blob([
          "postMessage([navigator.platform, new Date(0).getHours(), 'RTCPeerConnection' in self, 'gpu' in navigator])",
        ]),
      ),
    );
    const worker = await new Promise(
      (resolve) =>
        (inWorker.onmessage = ({ data }: MessageEvent<unknown>) => {
          resolve(data);
        }),
    );
    const date = new Date(2026, 0, 2, 3, 4, 5);
    return {
      navigator: [
        navigator.userAgent.includes("Firefox"),
        navigator.platform,
        navigator.language,
        navigator.webdriver,
        navigator.hardwareConcurrency,
      ],
      gone: ["RTCPeerConnection", "WebTransport", "Notification", "cookieStore", "NavigatorUAData"].filter(
        (name) => name in window,
      ),
      goneOfNavigator: ["serviceWorker", "mediaDevices", "geolocation", "userAgentData", "usb"].filter(
        (name) => name in navigator,
      ),
      zone: [Intl.DateTimeFormat().resolvedOptions().timeZone, Intl.NumberFormat().resolvedOptions().locale],
      date: [
        date.toISOString(),
        String(date),
        date.getHours(),
        date.getTimezoneOffset(),
        date.toLocaleString(),
      ],
      parsed: [
        Date.parse("2026-01-02T03:04"),
        Date.parse("Jan 2, 2026"),
        Date.parse("2026-01-02T03:04+01:00"),
      ].map((at) => new Date(at).toISOString()),
      invalid: String(new Date("never")),
      subclass: new (class extends Date {})(0).getTime(),
      screen: screen.width === innerWidth && outerHeight === innerHeight,
      worker,
    };
  });
  expect(seen).toEqual({
    navigator: [true, "Win32", "en-US", false, 4],
    gone: [],
    goneOfNavigator: [],
    zone: ["UTC", "en-US"],
    date: [
      "2026-01-02T03:04:05.000Z",
      "Fri Jan 02 2026 03:04:05 GMT+0000 (Coordinated Universal Time)",
      3,
      0,
      "1/2/2026, 3:04:05 AM",
    ],
    parsed: ["2026-01-02T03:04:00.000Z", "2026-01-02T00:00:00.000Z", "2026-01-02T02:04:00.000Z"],
    invalid: "Invalid Date",
    subclass: 0,
    screen: true,
    worker: ["Win32", 0, false, false],
  });
});

test("a canvas reads otherwise in every document, and nearly as it was drawn", async ({ context }) => {
  const read = (page: Page) =>
    page.evaluate(() => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
      const drawing = canvas.getContext("2d");
      if (drawing === null) throw new Error("no canvas");
      const gradient = drawing.createLinearGradient(0, 0, 64, 64);
      gradient.addColorStop(0, "rgb(10, 200, 30)");
      gradient.addColorStop(1, "rgb(200, 20, 130)");
      drawing.fillStyle = gradient;
      drawing.fillRect(0, 0, 64, 64);
      const { data } = drawing.getImageData(0, 0, 64, 64);
      return { data: [...data], url: canvas.toDataURL(), again: canvas.toDataURL() };
    });
  const one = await read(await opened(context));
  const other = await read(await opened(context, "", "/other"));
  expect(one.url).toBe(one.again);
  expect(one.url).not.toBe(other.url);
  expect(one.data).not.toEqual(other.data);
  expect(
    Math.max(...one.data.map((value, at) => Math.abs(value - (other.data[at] ?? 0)))),
  ).toBeLessThanOrEqual(1);
});

test("what stands in front of natives looks and fails like them", async ({ context }) => {
  const page = await opened(context);
  const seen = await page.evaluate(() => {
    const name = (act: () => unknown): string => {
      try {
        return String(act());
      } catch (error) {
        return (error as Error).constructor.name;
      }
    };
    const setter = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, "src")?.set as (
      value: unknown,
    ) => void;
    return {
      texts: [
        fetch,
        XMLHttpRequest.prototype.open,
        Worker,
        WebSocket,
        WebSocket.prototype.send,
        Date,
        Function.prototype.toString,
        setter,
      ]
        .map((one) => Function.prototype.toString.call(one))
        .filter((text) => !/^(?:function|class) ?[\w ]*\(\) \{ \[native code\] \}$/.test(text)),
      shapes: [fetch.name, fetch.length, WebSocket.name, WebSocket.OPEN, "prototype" in fetch],
      fails: [
        () => {
          setter.call(document.body, "x");
        },
        () => {
          setter.call({}, "x");
        },
        () => {
          document.body.setAttribute(Symbol() as unknown as string, "x");
        },
        () => {
          document.body.setAttribute("", "x");
        },
        () => Reflect.apply(Element.prototype.getAttribute, {}, ["x"]) as unknown,
        () => (Worker as unknown as () => void)(),
        () => Reflect.construct(WebSocket, []) as unknown,
        () => document.createElement("img").setAttribute.call(null, "src", "x"),
      ].map(name),
      worker: new Worker("data:,").constructor === Worker,
      keys: Object.keys(document.createElement("img")),
      left: [...document.scripts].length,
    };
  });
  expect(seen).toEqual({
    texts: [],
    shapes: ["fetch", 1, "WebSocket", 1, false],
    fails: [
      ...["TypeError", "TypeError", "TypeError", "DOMException", "TypeError", "TypeError"],
      ...["TypeError", "TypeError"],
    ],
    worker: true,
    keys: [],
    left: 0,
  });
});

test("a page that breaks what the hooks stand on breaks no more than itself", async ({ context }) => {
  await opened(
    context,
    `<script>
      const fail = () => { throw new Error("broken by the page"); };
      const breakAll = (broken) => { for (const [owner, names] of broken) for (const name of names) owner[name] = fail; };
      breakAll([
        [WeakMap.prototype, ["get", "set", "has"]], [Reflect, ["apply", "construct", "getOwnPropertyDescriptor", "get"]],
        [Object, ["getOwnPropertyDescriptor", "defineProperty", "entries"]], [JSON, ["parse", "stringify"]],
        [EventTarget.prototype, ["addEventListener"]], [MessagePort.prototype, ["postMessage"]],
        [Function.prototype, ["call", "apply", "bind"]], [Element.prototype, ["getAttribute", "setAttribute"]],
      ]);
      const maps = Map.prototype;
      window.WeakMap = window.Map = window.Proxy = window.MessageChannel = window.Blob = fail;
      new Image().src = "https://cdn.test/one";
      fetch("https://api.test/one");
      // What the rules themselves are written with: addresses are no longer minted then, and nothing fails that would not.
      breakAll([[maps, ["get", "set", "has"]], [String.prototype, ["slice", "replace", "startsWith"]], [RegExp.prototype, ["exec", "test"]]]);
      const image = new Image();
      image.src = "https://cdn.test/two";
      document.body?.append("x");
      document.title = "After";
      document.cookie = "still=here";
      location.hash = "moved";
      if (image.src === "https://cdn.test/two" && location.hash === "#moved") fetch("/all-is-well");
    </script>`,
  );
  await expectAsked("https://cdn.test/one", "image");
  await expectAsked("https://api.test/one", "fetch");
  await expectAsked("/all-is-well", "");
});

test("no script of a page is told more than its own document, and hooks run once", async ({ context }) => {
  const errors: string[] = [];
  context.on("weberror", (error) => errors.push(error.error().message));
  const page = await opened(
    context,
    "<script>window.seen = document.currentScript.outerHTML</script><div data-tabor='{}'></div>",
  );
  const seen = await page.evaluate(() => ({
    globals: Object.keys(window).filter((name) => /tabor/i.test(name)),
    scripts: [...document.scripts].map((script) => script.src).filter((src) => src.includes("hooks")),
  }));
  expect(seen).toEqual({ globals: [], scripts: [] });
  // A page may load the script once more, with whatever it likes.
  await page.evaluate(() => {
    for (const told of ["", "nonsense", "{}", '{"url":1}'])
      document.body.append(Object.assign(document.createElement("script"), { src: "/~a/hooks.js" }), told);
  });
  await page.evaluate(() => fetch("https://api.test/still").then(() => undefined));
  await expectAsked("https://api.test/still", "fetch");
  expect(errors).toEqual([]);
});
