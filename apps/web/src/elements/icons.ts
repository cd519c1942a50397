import { svg, html, type SVGTemplateResult, type TemplateResult } from "lit";

/** Drawn in a box of 24, by strokes. Each button that holds one has its own label. */
function icon(shape: SVGTemplateResult): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;
}

export const icons = {
  back: icon(svg`<path d="M15 5l-7 7 7 7" />`),
  forward: icon(svg`<path d="M9 5l7 7-7 7" />`),
  reload: icon(svg`<path d="M20 11a8 8 0 1 0-2.3 6.2M20 5v6h-6" />`),
  stop: icon(svg`<path d="M6 6l12 12M18 6L6 18" />`),
  circuit: icon(
    svg`<circle cx="5" cy="18" r="2.2" /><circle cx="12" cy="6" r="2.2" /><circle cx="19" cy="18" r="2.2" /><path d="M6.2 16.1l4.6-8.2M13.2 7.9l4.6 8.2" />`,
  ),
  brand: icon(svg`<path d="M3 19a9 9 0 0 1 18 0M7.5 19a4.5 4.5 0 0 1 9 0" /><path d="M12 19h.01" />`),
};
