import type { RelayLimits } from "@tabor/onion-core";

/** What a volunteer allows. Undefined: no limit. */
export interface OwnLimits {
  /** KiB/s. */
  readonly upload: number | undefined;
  readonly download: number | undefined;
  /** GiB, both directions added up. */
  readonly perDay: number | undefined;
  readonly perMonth: number | undefined;
  /** At a time. */
  readonly circuits: number | undefined;
  /** Whole hours of the day here, from the first up to the second, over midnight too. */
  readonly hours: Hours | undefined;
  readonly onMetered: boolean;
  readonly onBattery: boolean;
  /** Whether the screen is kept on while the page is in view. */
  readonly keepAwake: boolean;
}

export interface Hours {
  /** 0…23. */
  readonly from: number;
  /** 0…23, another than `from`. */
  readonly to: number;
}

/** What is remembered of the volunteer's choice. */
export interface VolunteerSettings {
  readonly isOn: boolean;
  /** Whether the person has once agreed to what a relay means. */
  readonly hasConsented: boolean;
  readonly limits: OwnLimits;
  readonly fetching: FetchSettings;
}

/** Whether this browser is an exit, too, which fetches for others (SPEC §7.5). */
export interface FetchSettings {
  readonly isOn: boolean;
  /** Whether the person has once agreed to what such an exit means. */
  readonly hasConsented: boolean;
  /** Of its policy, in Tor's syntax, before the default. */
  readonly rules: string;
}

/** What most connections can give without their owner noticing. */
const DEFAULT_LIMITS: OwnLimits = {
  ...{ upload: 512, download: 512, perDay: 10, perMonth: undefined, circuits: 200, hours: undefined },
  ...{ onMetered: false, onBattery: false, keepAwake: false },
};

export const DEFAULT_SETTINGS: VolunteerSettings = {
  isOn: false,
  hasConsented: false,
  limits: DEFAULT_LIMITS,
  fetching: { isOn: false, hasConsented: false, rules: "" },
};

/** Characters of rules that are kept. */
const MAX_RULES = 4000;
/** KiB/s: below it a circuit would hardly be built in time. */
export const LEAST_RATE = 20;
const KIBIBYTE = 1024;
const GIBIBYTE = 2 ** 30;

/** The limits as the relay wants them. */
export function relayLimits({ upload, download, perDay, perMonth, circuits }: OwnLimits): RelayLimits {
  const times = (value: number | undefined, unit: number): number | undefined =>
    value === undefined ? undefined : value * unit;
  return {
    sendRate: times(upload, KIBIBYTE),
    receiveRate: times(download, KIBIBYTE),
    perDay: times(perDay, GIBIBYTE),
    perMonth: times(perMonth, GIBIBYTE),
    maxCircuits: circuits,
  };
}

/** The rules by which it fetches; undefined: it does not. */
export function fetchRules({ fetching }: VolunteerSettings): string | undefined {
  return fetching.isOn && fetching.hasConsented ? fetching.rules : undefined;
}

/** What was stored, perhaps by an older version, or damaged: each part that makes no sense is as at first. */
export function readSettings(stored: unknown): VolunteerSettings {
  const { isOn, hasConsented, limits, fetching } = fields(stored);
  const given = fields(limits);
  const flag = (name: keyof OwnLimits): boolean => given[name] === true;
  return {
    isOn: isOn === true && hasConsented === true,
    hasConsented: hasConsented === true,
    limits: {
      upload: amount(given, "upload", LEAST_RATE),
      download: amount(given, "download", LEAST_RATE),
      perDay: amount(given, "perDay", 0),
      perMonth: amount(given, "perMonth", 0),
      circuits: amount(given, "circuits", 1),
      hours: hours(given["hours"]),
      ...{ onMetered: flag("onMetered"), onBattery: flag("onBattery"), keepAwake: flag("keepAwake") },
    },
    fetching: readFetching(fields(fetching)),
  };
}

function readFetching({ isOn, hasConsented, rules }: Fields): FetchSettings {
  return {
    isOn: isOn === true && hasConsented === true,
    hasConsented: hasConsented === true,
    rules: typeof rules === "string" ? rules.slice(0, MAX_RULES) : "",
  };
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function amount(
  given: Fields,
  name: "upload" | "download" | "perDay" | "perMonth" | "circuits",
  least: number,
): number | undefined {
  if (!(name in given)) return DEFAULT_LIMITS[name];
  const value = given[name];
  if (value === undefined) return undefined;
  return typeof value === "number" && value >= least && value < Infinity && value > 0
    ? value
    : DEFAULT_LIMITS[name];
}

function hours(value: unknown): Hours | undefined {
  const { from, to } = fields(value);
  return isHour(from) && isHour(to) && from !== to ? { from, to } : undefined;
}

function isHour(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 23;
}
