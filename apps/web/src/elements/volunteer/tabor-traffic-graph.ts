import { html, LitElement, unsafeCSS, type PropertyValues, type TemplateResult } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type uPlot from "uplot";
import uPlotStyles from "uplot/dist/uPlot.min.css?inline";
import { bytesText } from "../../browsing/bytes-text.ts";
import type { TrafficSample } from "../../services/volunteer.ts";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { graphStyles } from "./styles.ts";

const HEIGHT = 160;
/** What the axis shows at least, in bytes per second: the cells of an idle relay are no mountains. */
const LEAST_TOP = 16_384;
const AXIS_WIDTH = 76;
/** Half of a time below the axis, the last of which would be cut off. */
const HALF_TIME = 28;
const SHOWN_S = 180;
/** Between two lines of the graph: 1 KiB/s, 2 KiB/s, … */
const RATE_STEPS = Array.from({ length: 24 }, (_, i) => 1024 * 2 ** i);

/** What goes through the relay, both ways, over the last minutes. */
@customElement("tabor-traffic-graph")
export class TaborTrafficGraph extends LitElement {
  static override readonly styles = [shared, unsafeCSS(uPlotStyles), graphStyles];

  readonly #traffic = new Watched(this, ({ volunteer }) => volunteer.traffic);
  @query(".plot") private readonly place!: HTMLElement;
  @state() private isFailed = false;
  #plot: uPlot | undefined;
  readonly #colours = matchMedia("(prefers-color-scheme: dark)");
  readonly #resized = new ResizeObserver(() => {
    this.#plot?.setSize({ width: this.place.clientWidth, height: HEIGHT });
  });

  constructor() {
    super();
    this.addController({
      hostDisconnected: () => {
        this.#resized.disconnect();
        this.#colours.removeEventListener("change", this.#recoloured);
        this.#plot?.destroy();
        this.#plot = undefined;
      },
    });
  }

  override firstUpdated(): void {
    this.#colours.addEventListener("change", this.#recoloured);
    void this.#draw();
  }

  override updated(_changed: PropertyValues): void {
    this.#plot?.setData(columns(this.#samples));
  }

  override render(): TemplateResult {
    const last = this.#samples.at(-1);
    const [received, sent] = [last?.in ?? 0, last?.out ?? 0].map(
      (rate) => `${bytesText(Math.round(rate))}/s`,
    );
    return html`<figure>
      <figcaption>
        <span class="key in">Receiving <b data-testid="rate-in">${received}</b></span>
        <span class="key out">Sending <b data-testid="rate-out">${sent}</b></span>
      </figcaption>
      <div
        class="plot"
        role="img"
        aria-label="Bytes per second received and sent over the last minutes"
        ?hidden=${this.isFailed}
      ></div>
    </figure>`;
  }

  get #samples(): readonly TrafficSample[] {
    return this.#traffic.value ?? [];
  }

  readonly #recoloured = (): void => {
    this.#plot?.destroy();
    void this.#draw();
  };

  /** The library comes with the first graph. Without it the figures alone are shown. */
  async #draw(): Promise<void> {
    try {
      const { default: Plot } = await import("uplot");
      if (!this.isConnected) return;
      this.#plot = new Plot(this.#options(), columns(this.#samples), this.place);
      this.#resized.observe(this.place);
    } catch {
      this.isFailed = true;
    }
  }

  #options(): uPlot.Options {
    const style = getComputedStyle(this);
    const colour = (name: string): string => style.getPropertyValue(`--tabor-${name}`).trim();
    const axis = { stroke: colour("ink-soft"), font: "12px system-ui", ticks: { show: false } };
    const points = { show: false };
    const grid = { stroke: colour("line"), width: 1 };
    return {
      width: this.place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: false },
      padding: [null, HALF_TIME, null, null],
      scales: {
        x: { range: (_plot, _first, last) => [last - SHOWN_S, last] },
        y: { range: (_plot, _low, high) => [0, Math.max(LEAST_TOP, high * 1.1)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          gap: 10,
          size: 34,
          incrs: [30, 60],
          values: (_plot, ticks) => ticks.map(timeText),
        },
        {
          ...{ ...axis, grid, size: AXIS_WIDTH, incrs: RATE_STEPS },
          values: (_plot, ticks) => ticks.map(rateText),
        },
      ],
      series: [
        {},
        { label: "Receiving", stroke: colour("guard"), width: 2, points },
        { label: "Sending", stroke: colour("exit"), width: 2, dash: [6, 4], points },
      ],
    };
  }
}

function columns(samples: readonly TrafficSample[]): uPlot.AlignedData {
  return [
    samples.map(({ at }) => at / 1000),
    samples.map((sample) => sample.in),
    samples.map(({ out }) => out),
  ];
}

function rateText(rate: number): string {
  return `${bytesText(Math.round(rate))}/s`;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { timeStyle: "medium" });
}
