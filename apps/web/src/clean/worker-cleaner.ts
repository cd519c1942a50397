import { TaborError, type Clock } from "@tabor/onion-core";
import type { CleanDocument } from "./document.ts";
import type { CleanRequest, PageCleaner } from "./page-cleaner.ts";

/** A page that takes longer than this to clean, in milliseconds, is not shown. */
const DEADLINE = 20_000;

/** @param makeWorker starts `worker.ts`; each page has its own, so that nothing of one remains for the next. */
export function workerCleaner(makeWorker: () => Worker, clock: Clock): PageCleaner {
  return {
    clean: (request, signal) =>
      new Promise((resolve, reject) => {
        const worker = makeWorker();
        const settle = (finish: () => void): void => {
          worker.terminate();
          cancel();
          signal.removeEventListener("abort", abort);
          finish();
        };
        const fail = (code: "timeout" | "aborted" | "malformed", why: string): void => {
          settle(() => {
            reject(new TaborError(code, "here", why));
          });
        };
        const abort = (): void => {
          fail("aborted", "withdrawn");
        };
        const cancel = clock.after(DEADLINE, () => {
          fail("timeout", "this page takes too long to be made safe");
        });
        signal.addEventListener("abort", abort);
        worker.onmessage = ({ data }: MessageEvent<CleanDocument>) => {
          settle(() => {
            resolve(data);
          });
        };
        worker.onerror = () => {
          fail("malformed", "this page cannot be made safe");
        };
        send(worker, request);
      }),
  };
}

function send(worker: Worker, request: CleanRequest): void {
  worker.postMessage(request, [request.bytes.buffer]);
}
