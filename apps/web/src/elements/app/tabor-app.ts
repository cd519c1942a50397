import { ContextProvider } from "@lit/context";
import { html, LitElement, type PropertyValues, type TemplateResult } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { pageContext, servicesContext, type PageServices, type Services } from "../../services/contexts.ts";
import { shared } from "../../styles/shared.ts";
import { icons } from "../icons.ts";
import { styles } from "./styles.ts";
import "../about/tabor-about.ts";
import "../address-bar/tabor-address-bar.ts";
import "../circuit/tabor-circuit.ts";
import "../page-view/tabor-page-view.ts";
import "../volunteer/tabor-volunteer.ts";
import "./tabor-status-chip.ts";

type View = "browse" | "volunteer" | "about";

const VIEWS: readonly (readonly [View, string])[] = [
  ["browse", "Browse"],
  ["volunteer", "Volunteer"],
  ["about", "About"],
];

/** Where there is room, the circuit is shown from the start. */
const WIDE = "(min-width: 60rem)";

/** The whole app: a header with three views, and the services for everything within. */
@customElement("tabor-app")
export class TaborApp extends LitElement {
  static override readonly styles = [shared, styles];

  readonly #provider = new ContextProvider(this, { context: servicesContext });
  readonly #pageProvider = new ContextProvider(this, { context: pageContext });

  @property({ attribute: false }) services: (Services & PageServices) | undefined;
  @state() private view: View = "browse";
  @state() private circuitShown = matchMedia(WIDE).matches;

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has("services") || this.services === undefined) return;
    this.#provider.setValue(this.services);
    this.#pageProvider.setValue(this.services);
  }

  override render(): TemplateResult {
    return html`
      <header>
        <span class="brand">${icons.brand}<span>Tabor</span></span>
        <nav aria-label="Views">${VIEWS.map((view) => this.#tab(view))}</nav>
        <tabor-status-chip></tabor-status-chip>
      </header>
      <main tabindex="-1">
        <div class="browse" ?hidden=${this.view !== "browse"}>
          <h1 class="hidden-visually">Tabor, the tab onion router</h1>
          <tabor-address-bar
            .circuitShown=${this.circuitShown}
            @circuit-toggled=${this.#toggleCircuit}
          ></tabor-address-bar>
          <div class="split" tabindex="0" role="region" aria-label="Page and circuit">
            <tabor-page-view></tabor-page-view>
            <aside ?hidden=${!this.circuitShown} aria-label="Circuit"><tabor-circuit></tabor-circuit></aside>
          </div>
        </div>
        <div
          class="text"
          tabindex="0"
          role="region"
          aria-label="Volunteer"
          ?hidden=${this.view !== "volunteer"}
        >
          <tabor-volunteer></tabor-volunteer>
        </div>
        <div class="text" tabindex="0" role="region" aria-label="About" ?hidden=${this.view !== "about"}>
          <tabor-about></tabor-about>
        </div>
      </main>
      <footer class="small">
        Hides where you go, and who you are; not from someone who watches both ends.
      </footer>
    `;
  }

  #tab([view, label]: readonly [View, string]): TemplateResult {
    const current = this.view === view;
    return html`<button
      type="button"
      data-testid="view-${view}"
      aria-current=${current ? "page" : "false"}
      @click=${() => {
        this.#open(view);
      }}
    >
      ${label}
    </button>`;
  }

  #open(view: View): void {
    this.view = view;
    this.renderRoot.querySelector("main")?.focus();
  }

  #toggleCircuit(): void {
    this.circuitShown = !this.circuitShown;
  }
}
