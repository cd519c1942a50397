import { TaborError } from "@tabor/onion-core";
import { html, nothing, type TemplateResult } from "lit";
import { readCertificate, type Certificate } from "../../browsing/certificate/certificate.ts";
import { nameText, type NamePart } from "../../browsing/certificate/name.ts";

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const MAX_NAMES = 20;

/** The site's certificate, and behind it those that vouch for it. @param chain DER, the site's own first. */
export function certificateDetails(chain: readonly Uint8Array[]): TemplateResult | typeof nothing {
  const [own, ...others] = chain.map(readOrNothing);
  if (own === undefined)
    return html`<p class="soft small">The certificate could not be read for display.</p>`;
  return html`
    <dl data-testid="certificate">
      <dt>Issued to</dt>
      <dd>${nameText(own.subject)}</dd>
      <dt>Issued by</dt>
      <dd>${nameText(own.issuer)}</dd>
      <dt>Valid</dt>
      <dd>${DAY.format(own.notBefore)} to ${DAY.format(own.notAfter)}</dd>
    </dl>
    <details class="small">
      <summary>All of the certificate</summary>
      ${whole(own)}
      ${others.map((other) =>
        other === undefined
          ? nothing
          : html`<p><strong>Vouched for by ${nameText(other.subject)}</strong></p>
              ${whole(other)}`,
      )}
    </details>
  `;
}

function whole({ subject, issuer, serial, dnsNames, notBefore, notAfter }: Certificate): TemplateResult {
  const more = dnsNames.length - MAX_NAMES;
  const names = dnsNames.slice(0, MAX_NAMES).join(", ");
  return html`<dl>
    <dt>Subject</dt>
    <dd>${lines(subject)}</dd>
    <dt>Issuer</dt>
    <dd>${lines(issuer)}</dd>
    <dt>From</dt>
    <dd>${notBefore.toISOString()}</dd>
    <dt>Until</dt>
    <dd>${notAfter.toISOString()}</dd>
    ${
      dnsNames.length === 0
        ? nothing
        : html`<dt>Names</dt>
            <dd>${more > 0 ? `${names} and ${String(more)} more` : names}</dd>`
    }
    <dt>Serial</dt>
    <dd><code>${serial}</code></dd>
  </dl>`;
}

function lines(parts: readonly NamePart[]): TemplateResult[] {
  return parts.map(({ label, value }) => html`<div>${`${label}=${value}`}</div>`);
}

/** TLS has accepted it already: one that only we cannot read is not shown, and nothing more. */
function readOrNothing(der: Uint8Array): Certificate | undefined {
  try {
    return readCertificate(der);
  } catch (error) {
    if (error instanceof TaborError) return undefined;
    throw error;
  }
}
