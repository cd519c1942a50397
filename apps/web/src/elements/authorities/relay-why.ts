import { explainRelay, FLAG_RULES, WEIGHT_RULE, type RelayId } from "@tabor/onion-core";
import { html, nothing, type TemplateResult } from "lit";
import type { Look } from "../../services/authorities.ts";
import { flagText, gaveText, weightText } from "./authorities-text.ts";

/** Why a relay has its flags and its weight, as far as the votes are at hand. */
export function relayWhy(
  { consensus, votes, authorities }: Look,
  relay: RelayId,
): TemplateResult | typeof nothing {
  const why = explainRelay(consensus, votes, { relay, authorities: authorities.length });
  if (why === undefined) return nothing;
  return html`<div class="why small" data-testid="relay-why" data-relay=${relay}>
    <code>${relay}</code>
    <div>
      <h4>Weight, by which it is drawn</h4>
      <p data-testid="relay-weight">${weightText(why)}</p>
      ${why.weights.map((one) => html`<p class="soft">${gaveText(one)}</p>`)}
      <p class="soft">Rule: ${WEIGHT_RULE}.</p>
    </div>
    <div>
      <h4>Flags</h4>
      <ul>
        ${why.flags.map(
          (one) =>
            html`<li data-testid="flag-${one.flag}" data-set=${one.isSet}>
              <strong>${one.flag}</strong>: ${flagText(one, votes.length)}.
              <span class="soft">Rule: ${FLAG_RULES[one.flag]}.</span>
            </li>`,
        )}
      </ul>
    </div>
  </div>`;
}
