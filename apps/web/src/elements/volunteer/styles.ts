import { css } from "lit";

export const styles = css`
  .switch {
    display: flex;
    align-items: flex-start;
    gap: var(--tabor-space-4);
  }
  .switch button {
    flex: none;
    position: relative;
    width: 3.5rem;
    height: 2rem;
    min-height: 2rem;
    margin-top: 0.1rem;
    padding: 0;
    border-radius: 2rem;
    background: var(--tabor-sunken);
    border: 2px solid var(--tabor-line-strong);
  }
  .knob {
    position: absolute;
    top: 50%;
    left: 0.25rem;
    width: 1.25rem;
    height: 1.25rem;
    border-radius: 50%;
    background: var(--tabor-line-strong);
    transform: translateY(-50%);
    transition:
      left var(--tabor-motion),
      background-color var(--tabor-motion);
  }
  button[aria-checked="true"] {
    background: var(--tabor-accent);
    border-color: var(--tabor-accent);
  }
  button[aria-checked="true"] .knob {
    left: calc(100% - 1.5rem);
    background: var(--tabor-accent-ink);
  }
  .switch button[aria-checked="true"]:hover {
    background: var(--tabor-accent);
    filter: brightness(1.08);
  }
  .failed #state {
    color: var(--tabor-bad);
  }
  dl {
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    gap: 1px;
    background: var(--tabor-line);
    border: 1px solid var(--tabor-line);
    border-radius: var(--tabor-radius);
    overflow: hidden;
  }
  dl > div {
    background: var(--tabor-surface);
    padding: var(--tabor-space-3) var(--tabor-space-4);
    display: flex;
    flex-direction: column-reverse;
    justify-content: flex-end;
  }
  dt {
    font-size: var(--tabor-text-s);
    color: var(--tabor-ink-soft);
  }
  dd {
    font-size: var(--tabor-text-l);
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  @media (max-width: 34rem) {
    dl {
      grid-template-columns: repeat(2, 1fr);
    }
    dl > div:last-child:nth-child(odd) {
      grid-column: span 2;
    }
  }
  dl.so-far {
    grid-template-columns: repeat(4, 1fr);
  }
  @media (max-width: 34rem) {
    dl.so-far {
      grid-template-columns: repeat(2, 1fr);
    }
  }
  #consent:focus,
  #fetch-consent:focus {
    outline: none;
  }
  .means {
    display: grid;
    gap: var(--tabor-space-2);
    padding-inline-start: 1.1rem;
    color: var(--tabor-ink-soft);
  }
  .means strong {
    color: var(--tabor-ink);
  }
  .test {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--tabor-space-3);
  }
  .test p {
    flex: 1 1 16rem;
  }
  .test [data-state="failed"] {
    color: var(--tabor-bad);
  }
`;

export const graphStyles = css`
  figure {
    margin: 0;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    gap: var(--tabor-space-2) var(--tabor-space-5);
    margin-bottom: var(--tabor-space-2);
    font-size: var(--tabor-text-s);
    color: var(--tabor-ink-soft);
  }
  .key::before {
    content: "";
    display: inline-block;
    width: 1.25rem;
    margin-inline-end: 0.4rem;
    vertical-align: middle;
    border-top: 2px solid var(--tabor-guard);
  }
  .key.out::before {
    border-top: 2px dashed var(--tabor-exit);
  }
  b {
    color: var(--tabor-ink);
    font-variant-numeric: tabular-nums;
  }
  .plot {
    min-height: 160px;
    overflow: hidden;
  }
`;

export const limitStyles = css`
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr));
    gap: var(--tabor-space-3) var(--tabor-space-4);
  }
  label {
    display: grid;
    gap: var(--tabor-space-1);
    font-size: var(--tabor-text-s);
  }
  select,
  input[type="text"] {
    font: inherit;
    font-size: var(--tabor-text-m);
    color: inherit;
    min-height: var(--tabor-touch);
    padding: 0 var(--tabor-space-2);
    border-radius: var(--tabor-radius-s);
    border: 1px solid var(--tabor-line-strong);
    background: var(--tabor-surface);
  }
  .flags {
    display: grid;
    gap: var(--tabor-space-2);
  }
  label.flag {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-2);
    min-height: 2rem;
    font-size: var(--tabor-text-m);
  }
  input[type="checkbox"] {
    flex: none;
    width: 1.15rem;
    height: 1.15rem;
    margin: 0;
    accent-color: var(--tabor-accent);
  }
  .hours {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--tabor-space-2) var(--tabor-space-4);
  }
  .span {
    display: inline-flex;
    gap: var(--tabor-space-4);
  }
  .span label {
    display: inline-flex;
    align-items: center;
    gap: var(--tabor-space-2);
  }
`;
