// @ts-check
// What widgets have in common: the film comes once; the number of the frame and what was predicted go back.

/**
 * @typedef {import("./mount.js").Options} Options
 * @typedef {{ goTo: (index: number) => void, index: () => number, remove: () => void }} Mounted
 */

/**
 * Make a widget of a function that puts a film into an element.
 * @param {(element: HTMLElement, film: any, options: Options) => Mounted} mounts
 */
export const widgetOf = (mounts) => ({
  /** What anywidget calls.
   * @param {{ model: any, el: HTMLElement, film: any, style?: string }} context `loader.js` unpacks film and style */
  render({ model, el, film, style }) {
    const player = mounts(el, film, {
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
});
