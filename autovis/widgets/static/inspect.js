// @ts-check
// The inspector: all that is known of one element at this frame.

import { button, make } from "./dom.js";
import { linksOf, nextLeaf } from "./film.js";
import { bared } from "./panels.js";

/**
 * @typedef {import("./film.js").Item} Item
 * @typedef {import("./film.js").Link} Link
 * @typedef {import("./film.js").Say} Say
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {import("./transport.js").Playhead} Playhead
 * @typedef {{ key: string, text?: string, ids?: string[] }} Fact a line of the inspector: a text, or elements to go to
 */

const ASKS = { leaf: "True", param: "True", mid: "True", view: "True", kept: "True", const: "False", frozen: "False" };

/** The elements at the other end of some links. @param {Link[]} links @param {string} id @param {"source" | "target"} end */
const across = (links, id, end) => [
  ...new Set(
    links
      .filter((link) => link[end === "source" ? "target" : "source"] === id && link.role !== "store" && link.role !== "shares")
      .map((link) => link[end]),
  ),
];

/**
 * What is known of an element, in the order in which it is told; what is empty is left out.
 * @param {Item} item as it is now @param {Link[]} links @param {string} about what its role means @param {Say} say
 * @returns {Fact[]}
 */
export function facts(item, links, about, say) {
  const notes = (item.notes ?? []).map(({ name, version }) => `${name} v${version ?? 0}`).join(say("comma"));
  /** @type {Fact[]} */
  const all = [
    { key: "role", text: about },
    { key: "about", text: item.about },
    { key: "problem", text: item.role === "error" ? (item.problem ?? []).join(" ") : "" },
    { key: "flag", text: ASKS[item.role] },
    { key: "shape", text: item.shape },
    { key: "dtype", text: item.dtype },
    { key: "value", text: item.value },
    { key: "grad", text: item.grad },
    { key: "why", text: item.grad === "None" || !item.grad ? item.why : "" },
    { key: "tray", text: item.tray },
    { key: "saved", text: notes && say("saved_notes", { notes, state: item.saved ?? "" }) },
    { key: "version", text: item.version ? String(item.version) : "" },
    { key: "device", text: item.device },
    { key: "storage", ids: item.storage ? [item.storage] : [] },
    { key: "module", text: item.module },
    { key: "hooks", text: (item.hooks ?? []).join(say("comma")) },
    { key: "maker", ids: across(links, item.id, "source") },
    { key: "users", ids: across(links, item.id, "target") },
  ];
  return all.filter(({ text, ids }) => text || ids?.length);
}

/**
 * @param {Reel} reel @param {Playhead} playhead @param {(id: string) => void} pick goes to another element; "" closes
 */
export function inspector({ film, frames, all, say, choice }, playhead, pick) {
  const { items = [], legend = [] } = film;
  const links = linksOf(film);
  const byId = new Map(items.map((item) => [item.id, item]));
  const means = new Map(legend.map(([look, word, about]) => [look, { word, about }]));
  const title = make("strong");
  const list = make("dl");
  const close = button(say("close"), () => pick(""), { title: say("with_key", { name: say("close"), key: "Esc" }) });
  const only = button("", () => {
    const { leaf, picked } = choice.now();
    choice.set({ leaf: leaf === picked ? "" : picked });
  });
  const jump = (/** @type {1 | -1} */ by) =>
    playhead.goTo(nextLeaf(frames, playhead.stops(), playhead.index(), by, choice.now().picked));
  const tools = make(
    "div",
    { class: "autovis-tools" },
    button(say("event_before"), () => jump(-1)),
    button(say("event_after"), () => jump(1)),
    only,
  );
  const node = make("section", { class: "autovis-panel autovis-inspector", "aria-label": say("inspector") });
  node.append(make("div", { class: "autovis-head" }, title, close), list, tools);
  const nameOf = (/** @type {string} */ id) => {
    const { role = "", word = "", label = "" } = byId.get(id) ?? {};
    const made = role === "op" ? byId.get(across(links, id, "target")[0] ?? "")?.label : "";
    return made ? `${label || word} → ${made}` : label || word;
  };
  let told = "";
  return {
    node,
    /** @param {number} index */
    show(index) {
      const { picked, hidden, leaf } = choice.now();
      const item = byId.get(picked);
      node.hidden = !item;
      if (!item) return void (told = "");
      const now = bared({ ...item, ...all(index)[picked] }, hidden);
      const { word = item.word, about = "" } = means.get(now.role) ?? {};
      const lines = facts(now, links, about, say);
      const text = JSON.stringify([lines, leaf]);
      if (text === told) return;
      told = text;
      title.textContent = `${nameOf(picked)} (${word})`;
      list.replaceChildren(
        ...lines.map(({ key, text = "", ids = [] }) => {
          const others = ids.map((id) => button(nameOf(id), () => pick(id)));
          return make("div", { class: key }, make("dt", {}, say(`inspect_${key}`)), make("dd", {}, text, ...others));
        }),
      );
      tools.hidden = !frames.some(({ ledger }) => ledger?.leaf === picked);
      only.textContent = say("only", { name: nameOf(picked) });
      only.setAttribute("aria-pressed", String(leaf === picked));
    },
  };
}
