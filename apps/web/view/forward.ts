/** Passes what the service worker asks on to the engine. @returns where the engine is to be had, from then on. */
export function forwardQuestions(container: ServiceWorkerContainer): { connect(engine: MessagePort): void } {
  let engine: MessagePort | undefined;
  container.addEventListener("message", ({ data, ports }: MessageEvent<unknown>) => {
    const [port] = ports;
    if (port === undefined) return;
    if (engine !== undefined) engine.postMessage(data, [port]);
    else port.postMessage({ type: "unknown" });
  });
  container.startMessages();
  return {
    connect: (to) => {
      engine = to;
    },
  };
}
