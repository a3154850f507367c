// @ts-check
// The menu: what is seldom turned, and the list of keys.

import { button, make, selection, tickbox } from "./dom.js";
import { LAYERS } from "./film.js";
import { SPEEDS } from "./transport.js";

/**
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {import("./transport.js").Playhead} Playhead
 */

/** The keys, and the key of the words that explain them; a still picture has the last ones only. @type {[string, string][]} */
const KEYS = [
  ["← →", "keys_step"],
  ["Home End", "keys_ends"],
  ["space", "keys_play"],
  ["↑ ↓", "keys_event"],
  ["D", "keys_detail"],
  ["H", "keys_predict"],
  ["1–5", "keys_layers"],
  ["Tab", "keys_pick"],
  ["Enter", "keys_inspect"],
  ["Esc", "keys_close"],
  ["R", "keys_reset"],
  ["?", "keys_help"],
];

const FILM_ONLY = 6; // keys that only a film has

/**
 * The button of the menu, and the menu.
 * @param {Reel} reel @param {Playhead} playhead @param {() => void} reset
 */
export function menuOf({ frames, say, choice, asks }, playhead, reset) {
  const isFilm = frames.length > 1;
  const leaves = new Map(frames.flatMap(({ ledger }) => (ledger ? [[ledger.leaf, ledger.name]] : [])));
  const layers = LAYERS.map((layer, i) => {
    const box = tickbox(say(`layer_${layer}`), () => choice.toggle(layer));
    box.label.append(make("kbd", {}, String(i + 1)));
    return { layer, ...box };
  });
  const speed = selection(
    say("speed"),
    SPEEDS.map((factor) => [String(factor), `${factor}×`]),
    (value) => playhead.speed(Number(value)),
  );
  speed.node.value = "1";
  const leaf = selection(say("leaf"), [["", say("leaf_all")], ...leaves], (value) => choice.set({ leaf: value }));
  const help = make("dl", { class: "autovis-keys" });
  const named = (/** @type {string} */ key) => (key === "space" ? say("key_space") : key);
  const keys = (isFilm ? KEYS : KEYS.slice(FILM_ONLY)).filter(([key]) => asks || key !== "H");
  for (const [key, words] of keys)
    help.append(make("div", {}, make("dt", {}, make("kbd", {}, named(key))), make("dd", {}, say(words))));
  const helps = button(say("help"), () => turnHelp(help.hidden), { title: say("with_key", { name: say("help"), key: "?" }) });
  const resets = button(say("reset"), reset, { title: say("with_key", { name: say("reset"), key: "R" }) });
  const shown = make("fieldset", {}, make("legend", {}, say("layers")), ...layers.map(({ label }) => label));
  const node = make("div", { class: "autovis-menu", role: "group", "aria-label": say("menu") }, shown);
  const tools = make("div", { class: "autovis-tools" });
  if (isFilm) tools.append(speed.label);
  if (leaves.size) tools.append(leaf.label);
  tools.append(resets, helps);
  node.append(tools, help);
  const opener = button(say("menu"), () => turn(node.hidden), { title: say("menu") });
  function turn(/** @type {boolean} */ on) {
    node.hidden = !on;
    opener.setAttribute("aria-expanded", String(on));
  }
  function turnHelp(/** @type {boolean} */ on) {
    help.hidden = !on;
    helps.setAttribute("aria-expanded", String(on));
  }
  turn(false);
  turnHelp(false);
  return {
    node,
    opener,
    /** Show or hide the list of keys; the menu that holds it opens. */
    help() {
      turnHelp(node.hidden || help.hidden);
      if (!help.hidden) turn(true);
    },
    /** Close the menu; false if it was closed. */
    close() {
      if (node.hidden) return false;
      const inside = node.contains(node.ownerDocument.activeElement);
      turn(false);
      if (inside) opener.focus();
      return true;
    },
    show() {
      const { hidden, leaf: only } = choice.now();
      for (const { layer, node } of layers) node.checked = !hidden.has(layer);
      leaf.node.value = leaves.has(only) ? only : "";
    },
  };
}
