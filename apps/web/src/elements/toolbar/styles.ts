import { css } from "lit";

export const toolbarStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-2);
    padding: var(--tabor-space-1) var(--tabor-space-2);
  }
  .bar {
    display: flex;
    flex: none;
  }
  tabor-address {
    flex: 1;
    min-width: 0;
  }
  .open {
    color: var(--tabor-bad);
  }
  .marked {
    position: relative;
    color: var(--tabor-accent);
  }
  .marked::after {
    content: "";
    position: absolute;
    top: 0.4rem;
    right: 0.4rem;
    width: 0.55rem;
    height: 0.55rem;
    border-radius: 50%;
    background: var(--tabor-accent);
    border: 2px solid var(--tabor-surface);
  }
  [slot="before"] button,
  [slot="after"] button {
    width: 2.25rem;
    min-height: 2.25rem;
    border-radius: 50%;
  }
`;

export const addressStyles = css`
  :host {
    position: relative;
  }
  form {
    display: flex;
    align-items: center;
    height: var(--tabor-touch);
    background: var(--tabor-sunken);
    border: 1px solid var(--tabor-line-strong);
    border-radius: 2rem;
  }
  form:focus-within {
    background: var(--tabor-surface);
    outline: 2px solid var(--tabor-accent);
    outline-offset: -1px;
  }
  form:has(button:focus-visible),
  form:has(::slotted(*:focus-within)) {
    outline: none;
  }
  input {
    flex: 1;
    min-width: 0;
    height: 100%;
    padding: 0 var(--tabor-space-2);
    font: inherit;
    color: inherit;
    background: transparent;
    border: 0;
    text-overflow: ellipsis;
  }
  input:focus-visible {
    outline: none;
  }
  input::placeholder {
    color: var(--tabor-ink-soft);
    opacity: 1;
  }
  button[type="submit"] {
    width: 2.25rem;
    min-height: 2.25rem;
    border-radius: 50%;
  }
  #why {
    color: var(--tabor-bad);
  }
  #why:not(:empty) {
    padding: var(--tabor-space-1) var(--tabor-space-3) 0;
  }
  ul {
    position: absolute;
    z-index: 3;
    top: calc(100% + 0.25rem);
    left: 0;
    right: 0;
    list-style: none;
    padding: var(--tabor-space-1);
    background: var(--tabor-surface);
    border: 1px solid var(--tabor-line);
    border-radius: var(--tabor-radius);
    box-shadow: var(--tabor-shadow);
  }
  li {
    display: flex;
    align-items: baseline;
    gap: var(--tabor-space-3);
    min-height: var(--tabor-touch);
    padding: var(--tabor-space-2) var(--tabor-space-3);
    border-radius: var(--tabor-radius-s);
    cursor: pointer;
  }
  li:hover,
  li[aria-selected="true"] {
    background: var(--tabor-accent-wash);
  }
  .title,
  .where {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .where {
    flex: 1 1 0;
    color: var(--tabor-ink-soft);
  }
  .badge {
    flex: none;
    color: var(--tabor-accent);
  }
`;
