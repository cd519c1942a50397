/** Questions that may wait until the app has connected this page with its engine; each has its asker's deadline. */
const MOST_WAITING = 64;

/** Passes what the service worker asks on to the engine. @returns where the engine is to be had, from then on. */
export function forwardQuestions(container: ServiceWorkerContainer): { connect(engine: MessagePort): void } {
  let engine: MessagePort | undefined;
  // The app shows pages as soon as we are ready, and what it tells us may come after what they ask.
  const waiting: (readonly [unknown, MessagePort])[] = [];
  container.addEventListener("message", ({ data, ports }: MessageEvent<unknown>) => {
    const [port] = ports;
    if (port === undefined) return;
    if (engine !== undefined) engine.postMessage(data, [port]);
    else if (waiting.length < MOST_WAITING) waiting.push([data, port]);
    else port.postMessage({ type: "unknown" });
  });
  container.startMessages();
  return {
    connect: (to) => {
      engine = to;
      for (const [data, port] of waiting.splice(0)) to.postMessage(data, [port]);
    },
  };
}
