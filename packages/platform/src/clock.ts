import type { Clock } from "@tabor/onion-core";

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  soon: soonByMessage(),
};

/**
 * A macrotask that browsers do not throttle in hidden tabs, unlike `setTimeout`. In Node, `setImmediate` does the
 * same and keeps no handle open.
 */
function soonByMessage(): (fn: () => void) => void {
  const node = globalThis as { setImmediate?: (fn: () => void) => unknown };
  if (node.setImmediate !== undefined) return node.setImmediate;
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (fn) => {
    waiting.push(fn);
    port2.postMessage(null);
  };
}
