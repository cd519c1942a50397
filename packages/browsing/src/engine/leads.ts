import type { EngineEvent } from "../api.ts";
import { isTopUse } from "../view/uses.ts";
import { bodyOf, targetOf } from "./fetch-of.ts";
import type { HeldForm, Tab } from "./tab.ts";
import { stayAnswer, type ViewAnswer, type ViewRequest } from "./view-answer.ts";

export interface LeadDeps {
  readonly emit: (event: EngineEvent) => void;
}

/**
 * What a page of a tab leads to by itself, a link or a form, is not answered but kept, and the app is asked to have it shown in
 * place of the page (`EngineEvent` "lead"): the browser's own history then stays empty, and its Back cannot say
 * anything else than ours. A form with more in it than is held goes by itself.
 *
 * @returns the answer that leaves the frame as it is, or the request as it is to be carried out.
 */
export async function leadOn(
  request: ViewRequest,
  tab: Tab,
  { emit }: LeadDeps,
): Promise<{ readonly stay: ViewAnswer } | { readonly go: ViewRequest }> {
  const { content, method, fields, traversed, place } = request;
  if (!isTopUse(content.use)) return { go: request };
  if (content.lead !== 0) return { go: withForm(request, tab.takeForm(content.lead)) };
  const body = method === "POST" ? await bodyOf(request) : undefined;
  if (body !== undefined && !(body instanceof Uint8Array)) return { go: request };
  const url = targetOf(request);
  const lead = tab.lead(body === undefined ? undefined : { fields, body });
  const address = place.led(content, url, lead);
  emit({ type: "lead", tab: tab.id, url: url.href, address, traversed });
  return { stay: stayAnswer() };
}

/** A form that was kept is sent once; whoever asks there again gets the page as by a link. */
function withForm(request: ViewRequest, form: HeldForm | undefined): ViewRequest {
  return form === undefined ? request : { ...request, ...form, method: "POST" };
}
