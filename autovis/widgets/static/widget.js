// @ts-check
// What widgets have in common: the film comes once, and again when a box is opened; the number of the frame, what was
// predicted and what was clicked go back.

import { foldable, refold } from "./fold.js";
import { inflate } from "./inflate.js";

/**
 * @typedef {import("./mount.js").Options} Options
 * @typedef {{ goTo: (index: number) => void, index: () => number, remove: () => void }} Mounted
 */

/**
 * Make a widget of a function that puts a film into an element.
 * @param {(element: HTMLElement, film: any, options: Options) => Mounted} mounts
 * @param {boolean} [folds] whether the kernel opens and closes boxes
 */
export const widgetOf = (mounts, folds = false) => ({
  /** What anywidget calls.
   * @param {{ model: any, el: HTMLElement, film: any, style?: string }} context `loader.js` unpacks film and style */
  render({ model, el, film, style }) {
    let packed = model.get("film");
    let clicked = "";
    const told = (/** @type {string} */ name, /** @type {unknown} */ value) => {
      model.set(name, value);
      model.save_changes();
    };
    const open = (/** @type {any} */ drawn) => {
      const player = mounts(el, drawn, {
        style,
        frame: model.get("frame"),
        onSettle: (index) => told("frame", index),
        onAnswers: (answers) => told("answers", answers),
      });
      const toggle = (/** @type {string} */ id) => {
        clicked = id;
        if (drawn.frames.length) told("frame", player.index());
        model.send({ fold: id });
      };
      if (folds) foldable(el, toggle);
      return player;
    };
    let player = open(film);
    const follow = () =>
      model.get("film") === packed && model.get("frame") !== player.index() && player.goTo(model.get("frame"));
    const redraw = async () => {
      const wanted = (packed = model.get("film"));
      const drawn = JSON.parse(await inflate(wanted));
      if (wanted !== packed) return; // a newer one is on its way
      const replace = () => {
        player.remove();
        player = open(drawn);
      };
      refold(el, replace, clicked);
    };
    model.on("change:frame", follow);
    model.on("change:film", redraw);
    return () => {
      model.off("change:frame", follow);
      model.off("change:film", redraw);
      player.remove();
    };
  },
});
