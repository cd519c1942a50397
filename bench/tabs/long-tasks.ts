/** Collects the lengths of the tasks of this page's main thread of 50 ms and more (Long Tasks API), in milliseconds. */
export interface PageWithLongTasks {
  benchLongTasks: number[];
}

const lengths: number[] = [];
Object.assign(globalThis, { benchLongTasks: lengths } satisfies PageWithLongTasks);
new PerformanceObserver((list) => {
  lengths.push(...list.getEntries().map(({ duration }) => duration));
}).observe({ type: "longtask" });
