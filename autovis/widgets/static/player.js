// @ts-check
// The player as a widget: the film comes once; the number of the frame and what was predicted go back.

import { mount } from "./mount.js";

/** @typedef {import("./film.js").Film} Film */

export default {
  /** What anywidget calls. @param {{ model: any, el: HTMLElement, film: Film, style?: string }} context `loader.js` unpacks film and style */
  render({ model, el, film, style }) {
    const player = mount(el, film, {
      style,
      frame: model.get("frame"),
      onSettle(index) {
        model.set("frame", index);
        model.save_changes();
      },
      onAnswers(answers) {
        model.set("answers", answers);
        model.save_changes();
      },
    });
    const follow = () => model.get("frame") !== player.index() && player.goTo(model.get("frame"));
    model.on("change:frame", follow);
    return () => {
      model.off("change:frame", follow);
      player.remove();
    };
  },
};
