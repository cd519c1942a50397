import { createHash } from "node:crypto";
import { cookiesOf, formOf, textOf } from "../content/form.ts";
import { picture } from "../content/pictures.ts";
import { html, notFound, page, redirect, send } from "../content/replies.ts";
import { escape, numberOf, range, title } from "../content/text.ts";
import { type Exchange, type Host, type Visit, web } from "../network/host.ts";

/** A shop with login, cart and checkout: sessions by cookie, forms by POST, and 303 after each. */

const ITEMS = 24;
export const SHOPPER = { name: "ada@farm.test", password: "correct horse & battery=staple+1" };

interface Session {
  user: string | undefined;
  readonly cart: Map<number, number>;
}

interface Order {
  readonly lines: readonly string[];
  readonly total: number;
  readonly to: string;
  readonly delivery: string;
  readonly gift: boolean;
  readonly note: string;
}

export function shopSite(): Host[] {
  const shop = new Shop();
  return [web("shop.test", (exchange) => shop.answer(exchange))];
}

class Shop {
  readonly #sessions = new Map<string, Session>();
  readonly #orders: Order[] = [];

  answer(exchange: Exchange): void | Promise<void> {
    const [, first = "", second = ""] = exchange.url.pathname.split("/");
    if (first === "picture") return showPicture(exchange, second);
    const [key, session] = this.#sessionOf(exchange);
    if (exchange.visit.method === "POST") return this.#post(exchange, `/${first}`, key, session);
    if (first === "account" || first === "checkout") return this.#forMembers(exchange, first, key, session);
    if (first === "order") return this.#showOrder(exchange, Number(second), session);
    const next = exchange.url.searchParams.get("next") ?? "/";
    const pages: Readonly<Record<string, () => readonly [string, string]>> = {
      "": () => ["Shop", shelf()],
      item: () => [title(`item ${second}`), item(Number(second), key)],
      login: () => ["Log in", loginForm(next, "")],
      cart: () => ["Cart", cart(session, key)],
    };
    const shown = pages[first]?.();
    if (shown === undefined) return notFound(exchange);
    html(exchange, layout(...shown, session));
  }

  #sessionOf(exchange: Exchange): readonly [string, Session] {
    const given = cookiesOf(exchange.visit).get("__Host-session") ?? "";
    const known = this.#sessions.get(given);
    if (known !== undefined) return [given, known];
    const key = createHash("sha256").update(`session ${this.#sessions.size}`).digest("hex");
    const session: Session = { user: undefined, cart: new Map() };
    this.#sessions.set(key, session);
    exchange.response.setHeader("set-cookie", [
      `__Host-session=${key}; Path=/; Secure; HttpOnly; SameSite=Lax`,
      "theme=light; Max-Age=31536000; Path=/",
    ]);
    return [key, session];
  }

  async #post(exchange: Exchange, path: string, key: string, session: Session): Promise<void> {
    const form = await formOf(exchange.visit);
    if (!isOwn(exchange.visit)) refuse(exchange, "Sent from elsewhere");
    else if (path === "/login") logIn(exchange, form, session);
    else if (textOf(form, "token") !== tokenOf(key)) refuse(exchange, "Stale form");
    else this.#obey(exchange, path, form, session);
  }

  #obey(exchange: Exchange, path: string, form: FormData, session: Session): void {
    if (path === "/logout") {
      session.user = undefined;
      return redirect(exchange, "/");
    }
    if (path === "/cart") {
      changeCart(session, form);
      return redirect(exchange, "/cart");
    }
    if (path !== "/checkout" || session.user === undefined || session.cart.size === 0)
      return notFound(exchange);
    redirect(exchange, `order/${this.#order(form, session)}`);
  }

  #forMembers(exchange: Exchange, what: "account" | "checkout", key: string, session: Session): void {
    if (session.user === undefined) return redirect(exchange, `/login?next=%2F${what}`, { status: 302 });
    const body = what === "checkout" ? checkoutForm(key) : account(session.user, key);
    html(exchange, layout(what === "checkout" ? "Checkout" : "Account", body, session));
  }

  #order(form: FormData, session: Session): number {
    const lines = [...session.cart].map(([id, count]) => `${count} × ${title(`item ${id}`)}`);
    this.#orders.push({
      lines,
      total: totalOf(session),
      to: textOf(form, "address"),
      delivery: textOf(form, "delivery"),
      gift: form.has("gift"),
      note: textOf(form, "note"),
    });
    session.cart.clear();
    return this.#orders.length;
  }

  #showOrder(exchange: Exchange, number: number, session: Session): void {
    const order = this.#orders[number - 1];
    if (order === undefined || session.user === undefined) return notFound(exchange);
    const { lines, total, to, delivery, gift, note } = order;
    const body = `<h1>Thank you</h1><p id="order">Order ${number}</p><ul>${lines.map((line) => `<li>${line}</li>`).join("")}</ul>
      <p id="total">${total} coins</p><pre id="address">${escape(to)}</pre><p id="delivery">${escape(delivery)}</p>
      <p id="gift">${gift ? "As a gift" : "Not a gift"}</p><p id="note">${escape(note)}</p>`;
    html(exchange, layout("Thank you", body, session));
  }
}

function refuse(exchange: Exchange, why: string): void {
  html(exchange, page("Refused", `<h1>${why}</h1>`), { status: 403 });
}

function showPicture(exchange: Exchange, seed: string): void {
  send(exchange, "image/png", picture(`shop ${seed}`, 200, 150), {
    headers: { "cache-control": "max-age=600" },
  });
}

/** As shops check where a form comes from: what is not said is not held against anyone. */
function isOwn({ headers }: Visit): boolean {
  const { origin, referer } = headers;
  if (origin !== undefined && origin !== "https://shop.test") return false;
  return referer === undefined || referer.startsWith("https://shop.test/");
}

function tokenOf(key: string): string {
  return createHash("sha256").update(`token ${key}`).digest("hex").slice(0, 32);
}

function priceOf(id: number): number {
  return 3 + numberOf(`price ${id}`, 90);
}

function totalOf({ cart }: Session): number {
  return [...cart].reduce((sum, [id, count]) => sum + count * priceOf(id), 0);
}

function logIn(exchange: Exchange, form: FormData, session: Session): void {
  const next = textOf(form, "next");
  if (textOf(form, "email") !== SHOPPER.name || textOf(form, "password") !== SHOPPER.password) {
    return html(exchange, layout("Log in", loginForm(next, "Wrong address or password."), session), {
      status: 401,
    });
  }
  session.user = SHOPPER.name;
  redirect(exchange, /^\/(?!\/)/.test(next) ? next : "/");
}

function changeCart({ cart }: Session, form: FormData): void {
  const id = Number(textOf(form, "item"));
  const count = Math.min(99, Number(textOf(form, "count")));
  if (textOf(form, "do") === "add") cart.set(id, (cart.get(id) ?? 0) + count);
  else if (count > 0) cart.set(id, count);
  else cart.delete(id);
}

function layout(name: string, body: string, { user, cart }: Session): string {
  const count = [...cart.values()].reduce((sum, each) => sum + each, 0);
  return page(
    `${name} – Farm Shop`,
    `<header><a href="/">Farm Shop</a> · <a href="/cart">Cart (<span id="count">${count}</span>)</a> ·
      ${user === undefined ? '<a href="/login">Log in</a>' : `<a href="/account" id="user">${user}</a>`}</header><main>${body}</main>
      <img src="https://tracker.test/pixel.png?page=shop" alt="" width="1" height="1">`,
    `<style>body { font: 15px "DejaVu Sans" } ul.shelf { display: grid; grid-template-columns: repeat(4, 1fr); list-style: none; padding: 0 }</style>`,
  );
}

function shelf(): string {
  const items = range(ITEMS).map(
    (id) =>
      `<li><a href="/item/${id}"><img src="/picture/${id}" width="200" height="150" alt=""><br>${title(`item ${id}`)}</a> ${priceOf(id)} coins</li>`,
  );
  return `<h1>Everything for the farm</h1><ul class="shelf">${items.join("")}</ul>`;
}

function hidden(key: string): string {
  return `<input type="hidden" name="token" value="${tokenOf(key)}">`;
}

function item(id: number, key: string): string {
  return `<h1>${title(`item ${id}`)}</h1><img src="/picture/${id}" alt="" width="200" height="150"><p>${priceOf(id)} coins</p>
    <form method="post" action="/cart">${hidden(key)}<input type="hidden" name="item" value="${id}">
    <label>How many <input name="count" type="number" value="1" min="1"></label><button name="do" value="add">Add to cart</button></form>`;
}

function cart(session: Session, key: string): string {
  const rows = [...session.cart].map(
    ([id, count]) => `<tr><td>${title(`item ${id}`)}</td><td><form method="post">${hidden(key)}
      <input type="hidden" name="item" value="${id}"><input aria-label="Count" name="count" value="${count}" size="2">
      <button name="do" value="set">Change</button></form></td><td>${count * priceOf(id)}</td></tr>`,
  );
  if (rows.length === 0) return `<h1>Cart</h1><p>Your cart is empty.</p>`;
  return `<h1>Cart</h1><table>${rows.join("")}</table><p id="total">${totalOf(session)} coins</p><a href="/checkout">To the checkout</a>`;
}

function loginForm(next: string, problem: string): string {
  return `<h1>Log in</h1><p role="alert">${problem}</p><form method="post" action="/login">
    <input type="hidden" name="next" value="${escape(next)}"><label>E-mail <input name="email" type="email" required></label>
    <label>Password <input name="password" type="password"></label><button>Log in</button></form>`;
}

function account(user: string, key: string): string {
  return `<h1>Hello, ${user}</h1><form method="post" action="/logout">${hidden(key)}<button>Log out</button></form>`;
}

function checkoutForm(key: string): string {
  return `<h1>Checkout</h1><form method="post">${hidden(key)}<label>Address <textarea name="address" rows="3"></textarea></label>
    <fieldset><legend>Delivery</legend><label><input type="radio" name="delivery" value="post" checked> Post</label>
    <label><input type="radio" name="delivery" value="cart"> Horse and cart</label></fieldset>
    <label><input type="checkbox" name="gift"> It is a gift</label>
    <label>Note <select name="note"><option>None</option><option>Leave at the door</option></select></label>
    <button>Order now</button></form>`;
}
