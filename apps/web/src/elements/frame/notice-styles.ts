import { css } from "lit";

/** A strip above the page that asks for a decision. */
export const noticeStyles = css`
  .notice {
    display: flex;
    align-items: center;
    gap: var(--tabor-space-3);
    padding: var(--tabor-space-2) var(--tabor-space-3);
    background: var(--tabor-sunken);
    border-bottom: 1px solid var(--tabor-line-strong);
  }
  .notice p {
    flex: 1;
    max-width: 60rem;
  }
  .choices {
    display: flex;
    gap: var(--tabor-space-2);
  }
  @media (max-width: 48rem) {
    .notice {
      flex-direction: column;
      align-items: stretch;
    }
    .choices button {
      flex: 1;
    }
  }
`;
