// What every film carries: it fetches the player, which all films of a kernel share, and unpacks the film.
// The player is the modules of `player.js`, joined, without comments; it travels deflated, as the films do.
import { inflate } from "./inflate.js";

const load = async (code) => import(URL.createObjectURL(new Blob([await inflate(code)], { type: "text/javascript" })));
export default {
  async render(context) {
    const { model } = context;
    const shared = await model.widget_manager.get_model(model.get("player").replace("IPY_MODEL_", ""));
    const { default: player } = await load(shared.get("code"));
    const style = await inflate(shared.get("style"));
    return player.render({ ...context, style, film: JSON.parse(await inflate(model.get("film"))) });
  },
};
