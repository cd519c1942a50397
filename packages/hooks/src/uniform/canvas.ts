import { prototypeOf, type HookContext } from "../context.ts";
import { attempt, mapReturned, pinned, replaceMethod } from "../wrap.ts";
import { Unsteady } from "./unsteady.ts";

/**
 * What is drawn differs from machine to machine by fonts, graphics card and driver, and reading it back would tell them. Pixels that are
 * read differ a little from those that were drawn, in another way for each document, so that no two readings can be joined; what a
 * page makes of its pictures still looks the same. Bounds: WebGL's limits stay readable, a page that reads the same many times can average.
 */
export function installCanvas({ scope }: HookContext): void {
  const unsteady = new Unsteady(scope.crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  const disturbed = (data: unknown): unknown => {
    if (data instanceof Uint8ClampedArray || data instanceof Uint8Array) unsteady.pixels(data);
    return data;
  };
  for (const name of ["CanvasRenderingContext2D", "OffscreenCanvasRenderingContext2D"])
    mapReturned(prototypeOf(scope, name), "getImageData", (image) => {
      disturbed((image as ImageData).data);
      return image;
    });
  installEncoders();
  installGraphics();

  /** Of a copy: the page's own picture stays. */
  function installEncoders(): void {
    const copyOf = copier(scope);
    for (const [owner, methods] of ENCODERS)
      for (const method of methods)
        replaceMethod(prototypeOf(scope, owner), method, ({ self, args, native }) =>
          native(args, attempt(() => copyOf(self as HTMLCanvasElement), undefined) ?? self),
        );
  }

  function installGraphics(): void {
    for (const name of ["WebGLRenderingContext", "WebGL2RenderingContext"]) {
      const prototype = prototypeOf(scope, name);
      replaceMethod(prototype, "readPixels", ({ args, native }) => {
        native();
        attempt(() => disturbed(args[6]), undefined);
      });
      replaceMethod(prototype, "getParameter", ({ args, native }) => STATED.get(args[0]) ?? native());
      replaceMethod(prototype, "getExtension", ({ args, native }) => (isTelling(args[0]) ? null : native()));
      mapReturned(
        prototype,
        "getSupportedExtensions",
        (names) => (names as string[] | null)?.filter((one) => !isTelling(one)) ?? null,
      );
    }
  }
}

/** Samples of sound that was computed, rather than heard, tell the machine's arithmetic in their last bits. */
export function installAudio({ scope }: HookContext): void {
  const seen = pinned(new WeakSet<object>());
  const steady = (samples: unknown): unknown => {
    if (!(samples instanceof Float32Array) || seen.has(samples)) return samples;
    seen.add(samples);
    for (let at = 0; at < samples.length; at++) samples[at] = Math.round((samples[at] ?? 0) * 8192) / 8192;
    return samples;
  };
  const rendered = pinned(new WeakSet<object>());
  replaceMethod(prototypeOf(scope, "OfflineAudioContext"), "startRendering", async ({ native }) => {
    const buffer = (await native()) as object;
    rendered.add(buffer);
    return buffer;
  });
  mapReturned(prototypeOf(scope, "AudioBuffer"), "getChannelData", (data, self) =>
    rendered.has(self as object) ? steady(data) : data,
  );
  replaceMethod(prototypeOf(scope, "AudioBuffer"), "copyFromChannel", ({ self, args, native }) => {
    native();
    if (rendered.has(self as object)) steady(args[0]);
  });
  for (const method of ["getFloatFrequencyData", "getFloatTimeDomainData"])
    replaceMethod(prototypeOf(scope, "AnalyserNode"), method, ({ args, native }) => {
      native();
      seen.delete(args[0] as object);
      steady(args[0]);
    });
}

/** Drawn once more, and read through `getImageData`, which is ours by now. */
function copier(scope: typeof globalThis): (canvas: HTMLCanvasElement) => unknown {
  const create = (canvas: HTMLCanvasElement | OffscreenCanvas): HTMLCanvasElement | OffscreenCanvas => {
    const { width, height } = canvas;
    if (!("ownerDocument" in canvas)) return new scope.OffscreenCanvas(width, height);
    return Object.assign(canvas.ownerDocument.createElement("canvas"), { width, height });
  };
  return (canvas) => {
    const copy = create(canvas);
    const context = copy.getContext("2d") as CanvasRenderingContext2D | null;
    if (context === null || canvas.width === 0 || canvas.height === 0) return undefined;
    context.drawImage(canvas, 0, 0);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    context.putImageData(image, 0, 0);
    return copy;
  };
}

const ENCODERS = [
  ["HTMLCanvasElement", ["toDataURL", "toBlob"]],
  ["OffscreenCanvas", ["convertToBlob"]],
] as const;

/** VENDOR, RENDERER, UNMASKED_VENDOR_WEBGL, UNMASKED_RENDERER_WEBGL. */
const STATED: ReadonlyMap<unknown, string> = new Map([
  [0x1f00, "Mozilla"],
  [0x1f01, "Mozilla"],
  [0x9245, "Mozilla"],
  [0x9246, "Mozilla"],
]);

function isTelling(name: unknown): boolean {
  return /^WEBGL_debug_(?:renderer_info|shaders)$/i.test(String(name));
}
