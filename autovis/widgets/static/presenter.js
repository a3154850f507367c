// @ts-check
// The player for a lecture hall: one frame fills the screen, a remote control steps, and the numbers can be hidden.

import { button, make } from "./dom.js";
import { speaker } from "./film.js";
import { mount } from "./mount.js";

/** What a remote control sends, and what a player makes of it. @type {Record<string, string>} */
const REMOTE = { PageDown: "ArrowRight", PageUp: "ArrowLeft" };

const FIGURE = /(?<![\w.])[-−+]?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)|\bNone\b/;

/**
 * A sentence without its numbers; those in names such as `x1` or `p + 1` stay.
 * @param {string} [text] @param {string[]} [names]
 */
export function veiled(text = "", names = []) {
  const kept = names.filter((name) => /[^\d\W]/.test(name)).sort((a, b) => b.length - a.length);
  const parts = kept.map((name) => name.replace(/[^\w\s]/g, "\\$&"));
  return text.replace(RegExp([...parts, FIGURE.source].join("|"), "g"), (found) => (kept.includes(found) ? found : "?"));
}

/**
 * Put a film, or a picture, into an element, for many to see.
 * @param {HTMLElement} element @param {import("./film.js").Film} film @param {import("./mount.js").Options} [options]
 */
export function mountPresenter(element, film, options = {}) {
  const say = speaker(film.words);
  const names = (film.items ?? []).map(({ label = "" }) => label);
  const root = make("div", { class: "autovis-presenter", "data-lm-suppress-shortcuts": "true" });
  const player = mount(root, film, options);
  const box = /** @type {HTMLElement} */ (root.querySelector(".autovis"));
  const caption = box.querySelector(".autovis-caption");
  const instead = make("div", { class: "presenter-veil", "aria-live": "polite" });
  caption?.after(instead);

  /** A button that stays down. @param {string} word @param {string} key @param {() => void} press */
  const toggle = (word, key, press) => button(say(word), press, { title: say("with_key", { name: say(word), key }) });
  const dark = toggle("blackout", "B", () => turn("blackout", dark));
  const figures = toggle("figures", "N", () => turn("figures", figures));
  const whole = toggle("full_screen", "F", () => {
    if (document.fullscreenElement === root) document.exitFullscreen();
    else root.requestFullscreen().then(() => box.focus(), () => {});
  });
  whole.hidden = !document.fullscreenEnabled;
  const own = film.frames.length ? [dark, figures, whole] : [dark, whole];
  const bar = box.querySelector(".autovis-buttons");
  bar?.insertBefore(make("span", { class: "presenter-own" }, ...own), bar.querySelector(".autovis-where"));

  function turn(/** @type {string} */ name, /** @type {HTMLElement} */ pressed) {
    pressed.setAttribute("aria-pressed", String(root.classList.toggle(name)));
    tell();
  }
  const tell = () => {
    const hidden = root.classList.contains("blackout");
    instead.textContent = hidden ? veiled(film.frames[player.index()]?.text, names) : "";
  };
  const watch = new MutationObserver(tell); // the player writes the number of its frame there
  watch.observe(box, { attributes: true, attributeFilter: ["data-frame"] });

  const acts = /** @type {Record<string, () => void>} */ ({ b: () => dark.click(), ".": () => dark.click(), f: () => whole.click(), n: () => figures.click() });
  // Before the player hears of it.
  const hear = (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input[type=text], textarea, select")) return;
    const [step, act] = [REMOTE[event.key], acts[event.key.toLowerCase()]];
    if (!step && !act) return;
    event.preventDefault();
    event.stopPropagation();
    if (act) act();
    else box.dispatchEvent(new KeyboardEvent("keydown", { key: step }));
  };
  const changed = () => whole.setAttribute("aria-pressed", String(document.fullscreenElement === root));
  root.addEventListener("keydown", hear, { capture: true });
  document.addEventListener("fullscreenchange", changed);
  for (const one of own) one.setAttribute("aria-pressed", "false");
  tell();
  element.append(root);
  return {
    goTo: player.goTo,
    index: player.index,
    remove() {
      watch.disconnect();
      document.removeEventListener("fullscreenchange", changed);
      player.remove();
      root.remove();
    },
  };
}
