import { createHash } from "node:crypto";
import { formOf, textOf } from "../content/form.ts";
import { html, notFound, page, redirect, send } from "../content/replies.ts";
import { escape, paragraph, range, title } from "../content/text.ts";
import { type Exchange, type Host, web } from "../network/host.ts";

/** A forum where people write and upload files. */

const THREADS = 30;

interface Upload {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

interface Post {
  readonly author: string;
  readonly text: string;
  readonly files: readonly Upload[];
}

export function forumSite(): Host[] {
  const forum = new Forum();
  return [web("forum.test", (exchange) => forum.answer(exchange), { tls: "TLSv1.2" })];
}

class Forum {
  readonly #posts = new Map<string, Post[]>();

  answer(exchange: Exchange): void | Promise<void> {
    const [, kind = "", thread = "", post = "", file = ""] = exchange.url.pathname.split("/");
    if (kind === "") return html(exchange, threads());
    if (kind !== "thread" || !(Number(thread) < THREADS)) return notFound(exchange);
    if (exchange.visit.method === "POST") return this.#reply(exchange, thread);
    if (post === "") return html(exchange, this.#thread(thread));
    this.#sendFile(exchange, this.#posts.get(thread)?.[Number(post)]?.files[Number(file)]);
  }

  #sendFile(exchange: Exchange, upload: Upload | undefined): void {
    if (upload === undefined) return notFound(exchange);
    // Never what the uploader says it is, unless it is a picture.
    const type = /^image\/(png|jpeg|gif|webp)$/.test(upload.type) ? upload.type : "application/octet-stream";
    send(exchange, type, upload.bytes, { headers: { "x-content-type-options": "nosniff" } });
  }

  async #reply(exchange: Exchange, thread: string): Promise<void> {
    const form = await formOf(exchange.visit);
    const files = await Promise.all(
      form
        .getAll("files")
        .flatMap((entry) => (typeof entry === "string" || entry.size === 0 ? [] : [uploadOf(entry)])),
    );
    const posts = this.#posts.get(thread) ?? [];
    this.#posts.set(thread, [
      ...posts,
      { author: textOf(form, "author"), text: textOf(form, "text"), files },
    ]);
    redirect(exchange, `/thread/${thread}#post-${posts.length}`);
  }

  #thread(thread: string): string {
    const old = range(12).map(
      (i) =>
        `<article><h3>${title(`author ${thread} ${i}`)}</h3><p>${paragraph(`post ${thread} ${i}`)}</p></article>`,
    );
    const replies = (this.#posts.get(thread) ?? []).map((post, i) => showPost(thread, post, i));
    return page(
      `${title(`thread ${thread}`)} – Farm Forum`,
      `<h1>${title(`thread ${thread}`)}</h1>${old.join("")}${replies.join("")}
        <form method="post" enctype="multipart/form-data"><label>Name <input name="author"></label>
        <label>Text <textarea name="text"></textarea></label><label>Files <input type="file" name="files" multiple></label>
        <button>Reply</button></form>`,
    );
  }
}

async function uploadOf(file: File): Promise<Upload> {
  return { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
}

function showPost(thread: string, { author, text, files }: Post, i: number): string {
  const list = files.map(({ name, type, bytes }, n) => {
    const digest = createHash("sha256").update(bytes).digest("hex");
    const shown = type.startsWith("image/") ? `<img src="/thread/${thread}/${i}/${n}" alt="">` : "";
    return `<li><a href="/thread/${thread}/${i}/${n}" download>${escape(name)}</a> (${bytes.length} bytes, <code>${digest}</code>)${shown}</li>`;
  });
  return `<article class="reply" id="post-${i}"><h3>${escape(author)}</h3><p class="text">${escape(text)}</p><ul>${list.join("")}</ul></article>`;
}

function threads(): string {
  const list = range(THREADS).map((i) => `<li><a href="/thread/${i}">${title(`thread ${i}`)}</a></li>`);
  return page("Farm Forum", `<h1>Farm Forum</h1><ul>${list.join("")}</ul>`);
}
