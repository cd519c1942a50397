import { css } from "lit";

export const styles = css`
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    justify-content: space-between;
    gap: var(--tabor-space-2) var(--tabor-space-4);
  }
  ul {
    list-style: none;
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--tabor-space-2);
  }
  li {
    overflow-wrap: anywhere;
  }
  .authorities li {
    padding-inline-start: var(--tabor-space-3);
    border-inline-start: 3px solid var(--tabor-good);
  }
  .authorities .missing {
    border-color: var(--tabor-warn);
  }
  dl {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: var(--tabor-space-1) var(--tabor-space-4);
    font-size: var(--tabor-text-s);
  }
  dt {
    color: var(--tabor-ink-soft);
  }
  dd {
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }
  .sign {
    display: inline-block;
    width: 1.1rem;
    font-weight: 700;
    color: var(--tabor-ink-soft);
  }
  label {
    display: grid;
    gap: var(--tabor-space-1);
    font-size: var(--tabor-text-s);
  }
  input {
    font: inherit;
    font-size: var(--tabor-text-m);
    color: inherit;
    min-height: var(--tabor-touch);
    padding: 0 var(--tabor-space-3);
    background: var(--tabor-surface);
    border: 1px solid var(--tabor-line-strong);
    border-radius: var(--tabor-radius-s);
  }
  .rows {
    gap: 0;
    border-top: 1px solid var(--tabor-line);
  }
  .rows > li {
    border-bottom: 1px solid var(--tabor-line);
  }
  .rows button {
    flex-wrap: wrap;
    gap: 0 var(--tabor-space-3);
    padding-block: var(--tabor-space-2);
  }
  .why {
    display: grid;
    gap: var(--tabor-space-3);
    padding: var(--tabor-space-2) var(--tabor-space-2) var(--tabor-space-4);
  }
  .why h4 {
    margin: 0 0 var(--tabor-space-1);
    font-size: var(--tabor-text-s);
  }
`;
