import { css } from "lit";

export const styles = css`
  ul {
    display: grid;
    gap: var(--tabor-space-2);
    padding-inline-start: 1.1rem;
  }
`;
