import { svg, html, type SVGTemplateResult, type TemplateResult } from "lit";

/** Drawn in a box of 24, by strokes. Each button that holds one has its own label. */
function icon(shape: SVGTemplateResult): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;
}

export const icons = {
  back: icon(svg`<path d="M15 5l-7 7 7 7" />`),
  forward: icon(svg`<path d="M9 5l7 7-7 7" />`),
  up: icon(svg`<path d="M5 15l7-7 7 7" />`),
  down: icon(svg`<path d="M5 9l7 7 7-7" />`),
  go: icon(svg`<path d="M4 12h15M13 6l6 6-6 6" />`),
  reload: icon(svg`<path d="M20 11a8 8 0 1 0-2.3 6.2M20 5v6h-6" />`),
  stop: icon(svg`<path d="M6 6l12 12M18 6L6 18" />`),
  add: icon(svg`<path d="M12 5v14M5 12h14" />`),
  less: icon(svg`<path d="M5 12h14" />`),
  menu: icon(svg`<path d="M4 7h16M4 12h16M4 17h16" />`),
  circuit: icon(
    svg`<circle cx="5" cy="18" r="2.2" /><circle cx="12" cy="6" r="2.2" /><circle cx="19" cy="18" r="2.2" /><path d="M6.2 16.1l4.6-8.2M13.2 7.9l4.6 8.2" />`,
  ),
  brand: icon(svg`<path d="M3 19a9 9 0 0 1 18 0M7.5 19a4.5 4.5 0 0 1 9 0" /><path d="M12 19h.01" />`),
  lock: icon(svg`<rect x="5" y="11" width="14" height="9" rx="2" /><path d="M8 11V8a4 4 0 0 1 8 0v3" />`),
  unlocked: icon(
    svg`<rect x="5" y="11" width="14" height="9" rx="2" /><path d="M8 11V8a4 4 0 0 1 7.6-1.8" />`,
  ),
  warning: icon(svg`<path d="M12 4l9 16H3z" /><path d="M12 10v4M12 17h.01" />`),
  shield: icon(svg`<path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z" /><path d="M9 12l2 2 4-4" />`),
  shieldOpen: icon(svg`<path d="M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z" />`),
  download: icon(svg`<path d="M12 4v11M7 11l5 5 5-5M5 20h14" />`),
  find: icon(svg`<circle cx="11" cy="11" r="6" /><path d="M20 20l-4.7-4.7" />`),
  keyboard: icon(
    svg`<rect x="3" y="6" width="18" height="12" rx="2" /><path d="M7 10h.01M11 10h.01M15 10h.01M17 14H7" />`,
  ),
  identity: icon(
    svg`<path d="M20 12a8 8 0 0 1-14 5.3M4 12a8 8 0 0 1 14-5.3M18 3v4h-4M6 21v-4h4" /><circle cx="12" cy="12" r="2" />`,
  ),
  volunteer: icon(
    svg`<path d="M12 20s-7-4.4-7-9.5A3.9 3.9 0 0 1 12 8a3.9 3.9 0 0 1 7 2.5C19 15.6 12 20 12 20z" />`,
  ),
  key: icon(svg`<circle cx="8" cy="15" r="4" /><path d="M11 12l8-8M15 8l3 3M17.5 5.5l2 2" />`),
  about: icon(svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 11v5M12 8h.01" />`),
  page: icon(
    svg`<circle cx="12" cy="12" r="8.5" /><path d="M3.5 12h17M12 3.5c3 3 3 14 0 17M12 3.5c-3 3-3 14 0 17" />`,
  ),
};
