// @ts-check
// What each key does while the focus is in the player.

import { LAYERS, nextLeaf } from "./film.js";

/**
 * @typedef {import("./panels.js").Reel} Reel
 * @typedef {import("./transport.js").Playhead} Playhead
 * @typedef {{ help: () => void, reset: () => void, close: () => void }} Acts
 */

const TYPING = "input[type=text], textarea";
const OWN = { select: /^(Arrow|Home|End|.$)/, "input[type=range]": /^(Arrow|Home|End|Page)/, "button, input[type=checkbox], summary": /^( |Enter)$/ };

/** Does the thing that has the focus take this key itself? @param {Element} target @param {string} key */
const takes = (target, key) =>
  Object.entries(OWN).some(([kind, keys]) => target.matches(kind) && keys.test(key));

/**
 * Keys that are handled go no further, so that the notebook's own shortcuts stay silent.
 * @param {Reel} reel a film; a picture has one frame @param {Playhead} playhead @param {Acts} acts
 */
export function keysOf({ frames, choice, asks }, playhead, acts) {
  const event = (/** @type {1 | -1} */ by) =>
    playhead.goTo(nextLeaf(frames, playhead.stops(), playhead.index(), by, choice.now().leaf));
  /** @type {Record<string, () => void>} */
  const moves = {
    ArrowLeft: () => playhead.step(-1),
    ArrowRight: () => playhead.step(1),
    ArrowUp: () => event(-1),
    ArrowDown: () => event(1),
    Home: () => playhead.jump(0),
    End: () => playhead.jump(Infinity),
    " ": playhead.play,
    d: choice.nextDetail,
    ...(asks && { h: () => choice.set({ predict: !choice.now().predict }) }),
  };
  const always = { Escape: acts.close, r: acts.reset, "?": acts.help };
  const layers = LAYERS.map((layer, i) => [String(i + 1), () => choice.toggle(layer)]);
  const keys = { ...(frames.length > 1 ? moves : {}), ...always, ...Object.fromEntries(layers) };
  return (/** @type {KeyboardEvent} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.matches(TYPING) && event.key !== "Escape") return event.stopPropagation();
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const modified = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && key !== "?");
    if (!(key in keys) || modified) return;
    event.stopPropagation();
    if (takes(target, event.key)) return;
    event.preventDefault();
    keys[key]();
  };
}
