import { existsSync } from "node:fs";
import { run } from "./run.mjs";

const SYSTEM_CHROMIUM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
];

const SYSTEM_FIREFOX = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

/** With Debian's package of each. @type {readonly (readonly [command: string, name: string])[]} */
const PROGRAMS = [
  ["curl", "curl"],
  ["redis-server", "redis-server"],
  ["ip", "iproute2"],
  ["nft", "nftables"],
  ["turnserver", "coturn"],
];

/**
 * What the tests need besides Node: a browser (`TABOR_CHROMIUM`, Playwright's own, or the system's), curl, a Redis server, `ip`
 * for network namespaces, `nft` for NATs and firewalls in them, and coturn; the leak tests also Firefox (`TABOR_FIREFOX` or the system's).
 * Debian's are installed where they are missing and we may.
 * @param {{ firefox?: boolean }} [wanted]
 * @returns {Promise<string>} the path of Chromium; one that does not exist if none can be had, so that the tests fail
 */
export async function findOrInstallTools({ firefox = false } = {}) {
  const missing = [
    ...((await findChromium()) === undefined ? ["chromium", "fonts-dejavu-core"] : []),
    ...PROGRAMS.filter(([command]) => !isOnPath(command)).map(([, name]) => name),
    ...(firefox && findFirefox() === undefined ? ["firefox-esr"] : []),
  ];
  if (missing.length > 0) await install(missing);
  return (await findChromium()) ?? "no-chromium-found";
}

/** @param {readonly string[]} packages of Debian */
async function install(packages) {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    console.log(
      `Please install ${packages.join(", ")} (the browser also by \`npx playwright install chromium\`).`,
    );
    return;
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update"], { limit: 300_000, env });
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { limit: 600_000, env });
  // Their packages start a server for everybody, where there is systemd.
  const servers = packages.filter((name) => ["coturn", "redis-server"].includes(name));
  if (servers.length > 0 && existsSync("/run/systemd/system"))
    await run("systemctl", ["disable", "--now", ...servers], { limit: 60_000 });
}

async function findChromium() {
  const { chromium } = await import("@playwright/test");
  return [process.env["TABOR_CHROMIUM"], chromium.executablePath(), ...SYSTEM_CHROMIUM].find(
    (path) => path !== undefined && path !== "" && existsSync(path),
  );
}

function findFirefox() {
  return [process.env["TABOR_FIREFOX"], ...SYSTEM_FIREFOX].find(
    (path) => path !== undefined && path !== "" && existsSync(path),
  );
}

/** @param {string} command */
function isOnPath(command) {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  return folders.some((folder) => existsSync(`${folder}/${command}`));
}
