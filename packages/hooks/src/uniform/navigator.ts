import { prototypeOf, type HookContext } from "../context.ts";
import { mapReturned, remove, replaceMethod, replaceValue } from "../wrap.ts";

/** What the User-Agent that sites are sent says, in the words of a browser's properties. */
export function uniformNavigator(
  userAgent: string,
  languages: readonly string[],
): Readonly<Record<string, unknown>> {
  const isFirefox = /Gecko\/\d+ Firefox\//.test(userAgent);
  return {
    userAgent,
    appVersion: isFirefox ? "5.0 (Windows)" : userAgent.replace(/^Mozilla\//, ""),
    appName: "Netscape",
    appCodeName: "Mozilla",
    platform: "Win32",
    oscpu: "Windows NT 10.0; Win64; x64",
    product: "Gecko",
    productSub: isFirefox ? "20100101" : "20030107",
    vendor: isFirefox ? "" : "Google Inc.",
    vendorSub: "",
    language: languages[0] ?? "en-US",
    languages: Object.freeze([...languages]),
    hardwareConcurrency: 4,
    deviceMemory: 8,
    maxTouchPoints: 0,
    webdriver: false,
    onLine: true,
    doNotTrack: null,
    globalPrivacyControl: undefined,
    cookieEnabled: true,
    pdfViewerEnabled: true,
  };
}

/** What tells a machine from another and no page needs. */
const TELLING = [
  "userAgentData",
  "connection",
  "keyboard",
  "getBattery",
  "getInstalledRelatedApps",
  "mediaCapabilities",
  "storageBuckets",
];

export function installNavigator({ scope, addresses }: HookContext): void {
  const values = uniformNavigator(addresses.config.userAgent, addresses.config.languages);
  for (const name of ["Navigator", "WorkerNavigator"]) {
    const prototype = prototypeOf(scope, name);
    for (const [property, value] of Object.entries(values)) replaceValue(prototype, property, () => value);
    remove(prototype, TELLING);
  }
  remove(scope, ["NavigatorUAData", "NetworkInformation", "BatteryManager", "Keyboard", "MediaCapabilities"]);
  replaceMethod(prototypeOf(scope, "Navigator"), "getGamepads", () => []);
  mapReturned(prototypeOf(scope, "StorageManager"), "estimate", async (estimate) => {
    const { usage = 0 } = (await estimate) as StorageEstimate;
    return { quota: 10_737_418_240, usage };
  });
  installScreen(scope);
}

/** The window is all there is: its size comes in steps, and a screen's own would tell the machine (as in Tor Browser). */
function installScreen(scope: typeof globalThis): void {
  const screen = prototypeOf(scope, "Screen");
  const width = (): number => scope.innerWidth;
  const height = (): number => scope.innerHeight;
  for (const name of ["width", "availWidth"]) replaceValue(screen, name, width);
  for (const name of ["height", "availHeight"]) replaceValue(screen, name, height);
  for (const name of ["availLeft", "availTop"]) replaceValue(screen, name, () => 0);
  for (const name of ["colorDepth", "pixelDepth"]) replaceValue(screen, name, () => 24);
  replaceValue(screen, "isExtended", () => false);
  replaceValue(scope, "outerWidth", width);
  replaceValue(scope, "outerHeight", height);
  for (const name of ["screenX", "screenY", "screenLeft", "screenTop"]) replaceValue(scope, name, () => 0);
}
