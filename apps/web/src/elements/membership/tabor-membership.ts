import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, state as reactive } from "lit/decorators.js";
import type { Membership, MembershipState } from "../../services/membership.ts";
import { shared } from "../../styles/shared.ts";
import { Watched } from "../watched.ts";
import { invitationText, standingText, WHAT_IS_LEARNT } from "./membership-text.ts";

/** Whether this browser belongs to the network, its invitation, and the key that an operator may add. */
@customElement("tabor-membership")
export class TaborMembership extends LitElement {
  static override readonly styles = [
    shared,
    css`
      ul {
        display: grid;
        gap: var(--tabor-space-2);
        padding-inline-start: 1.1rem;
      }
      h2 {
        margin-bottom: var(--tabor-space-2);
      }
      .key {
        display: block;
        padding: var(--tabor-space-3);
        background: var(--tabor-sunken);
        border-radius: var(--tabor-radius-s);
        overflow-wrap: anywhere;
        user-select: all;
      }
      .warn {
        padding: var(--tabor-space-2) var(--tabor-space-3);
        background: var(--tabor-warn-wash);
        border-radius: var(--tabor-radius-s);
      }
    `,
  ];

  readonly #membership = new Watched(this, ({ membership }) => membership.state);
  readonly #network = new Watched(this, ({ network }) => network.state);
  /** How copying the key went. */
  @reactive() private copied = "";

  override render(): TemplateResult | typeof nothing {
    const { value: state, services } = this.#membership;
    if (state === undefined || services === undefined) return nothing;
    const { membership } = services;
    return html`
      <div class="stack">
        <h1>Membership</h1>
        ${this.#invitation(state, membership)}
        ${isQuestion(state) ? nothing : this.#standing(state, membership)}
      </div>
    `;
  }

  #invitation(state: MembershipState, membership: Membership): TemplateResult | typeof nothing {
    const { invitation, standing } = state;
    const text = invitationText(invitation, standing, location.host);
    if (text === undefined) return nothing;
    const isAsked = isQuestion(state);
    return html`<section class="card stack" data-testid="invitation" data-state=${invitation.name}>
      <div role="status">
        <h2>${text.headline}</h2>
        <p>${text.sentence}</p>
      </div>
      ${isAsked ? whatIsLearnt() : nothing}
      ${invitation.name === "redeeming" ? html`<progress aria-label="Using the invitation"></progress>` : nothing}
      <div class="row">
        ${
          isAsked
            ? html`<button
                class="primary"
                type="button"
                data-testid="accept"
                @click=${() => membership.accept()}
              >
                ${invitation.name === "failed" ? "Try again" : "Become a member"}
              </button>`
            : nothing
        }
        ${
          invitation.name === "redeeming"
            ? nothing
            : html`<button type="button" data-testid="decline" @click=${() => membership.decline()}>
                ${isAsked ? "Not now" : "Understood"}
              </button>`
        }
      </div>
    </section>`;
  }

  #standing(state: MembershipState, membership: Membership): TemplateResult {
    const { headline, sentence } = standingText(state, this.#network.value?.admission);
    const { standing, key } = state;
    const isOut = standing === "outside" || standing === "revoked";
    return html`<section class="card stack" data-testid="membership" data-state=${standing}>
      <div role="status">
        <h2>${headline}</h2>
        <p class="soft">${sentence}</p>
      </div>
      ${key === undefined || standing === "open" ? nothing : this.#key(key)}
      ${
        isOut
          ? html`<div class="row">
              ${
                key === undefined
                  ? html`<button type="button" data-testid="make-key" @click=${() => membership.makeKey()}>
                      Make this browser's key
                    </button>`
                  : this.#tryAgain(membership)
              }
            </div>`
          : nothing
      }
    </section>`;
  }

  #tryAgain(membership: Membership): TemplateResult {
    const isRefused = this.#network.value?.directory.phase === "lost";
    return html`<button type="button" data-testid="try-again" @click=${() => membership.tryAgain()}>
        Try again now
      </button>
      <span class="soft small" role="status">
        ${isRefused ? "The network does not let this key in, for now." : "Asking the network …"}
      </span>`;
  }

  #key({ id, isKept }: NonNullable<MembershipState["key"]>): TemplateResult {
    const copy = async (): Promise<void> => {
      try {
        await navigator.clipboard.writeText(id);
        this.copied = "Copied.";
      } catch {
        this.copied = "This browser does not let it be copied so: select the key, and copy it yourself.";
      }
    };
    return html`<div class="stack">
      <h3 id="key">This browser's member key</h3>
      <code class="key" aria-labelledby="key" data-testid="member-key">${id}</code>
      <div class="row">
        <button type="button" data-testid="copy-key" @click=${copy}>Copy the key</button>
        <span class="soft small" role="status">${this.copied}</span>
      </div>
      <p class="soft small">
        It may be shown to whoever runs the network, and says nothing about you to anybody else. The operator
        adds it by <code>npm run members -- add KEY</code>.
      </p>
      ${
        isKept
          ? nothing
          : html`<p class="warn small">
              This browser cannot keep the key, as in some private windows: it is gone when you close this
              tab.
            </p>`
      }
    </div>`;
  }
}

/** The invitation waits for an answer, and may make a difference. */
function isQuestion({ invitation: { name }, standing }: MembershipState): boolean {
  return (name === "offered" || name === "failed") && standing !== "open" && standing !== "member";
}

function whatIsLearnt(): TemplateResult {
  return html`<ul class="small">
    ${WHAT_IS_LEARNT.map(([what, text]) => html`<li><strong>${what}</strong> ${text}</li>`)}
  </ul>`;
}
