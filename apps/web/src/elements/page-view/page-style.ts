/**
 * How cleaned pages look: readable, in the colours of the system. It stands alone, for the frame sees none of the app's
 * custom properties.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; }
html { background: #fff; color: #1b2320; }
body {
  max-width: 44rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem;
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: break-word;
}
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; }
[data-tabor-href] { color: #17694f; text-decoration: underline; cursor: pointer; text-underline-offset: 0.15em; }
[data-tabor-href]:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid #17694f; outline-offset: 2px; border-radius: 2px; }
pre { white-space: pre-wrap; font: 0.9rem/1.5 ui-monospace, Menlo, Consolas, "Noto Sans Mono", monospace; }
table { border-collapse: collapse; display: block; overflow-x: auto; max-width: 100%; }
td, th { border: 1px solid #d5d9d3; padding: 0.3rem 0.6rem; vertical-align: top; }
blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid #d5d9d3; }
hr { border: 0; border-top: 1px solid #d5d9d3; }
input, select, textarea, button { font: inherit; max-width: 100%; }
.tabor-note {
  font-size: 0.9375rem; background: #faf0d9; color: #4d3700; padding: 0.5rem 0.75rem; border-radius: 0.375rem;
}
.tabor-form { border: 1px dashed #84908a; border-radius: 0.375rem; padding: 0.75rem; }
.tabor-replaced {
  display: inline-block; border: 1px dashed #84908a; border-radius: 0.375rem; padding: 0 0.4rem; color: #505c57;
  font-size: 0.9375em;
}
.tabor-image { max-width: none; padding: 1rem; text-align: center; }
img { max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) {
  html { background: #1b201e; color: #e7ece9; }
  [data-tabor-href] { color: #6fcfae; }
  :focus-visible { outline-color: #6fcfae; }
  td, th, blockquote, hr { border-color: #333b37; }
  .tabor-note { background: #352a12; color: #f0dcae; }
  .tabor-replaced { color: #a9b5af; }
}
`;
