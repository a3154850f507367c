// The player travels deflated, because every film in a saved notebook carries it along: a fifth of the size.
// What is inside are `player.js`, without its comments, and the style sheets.
const inflate = (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
};
const address = URL.createObjectURL(new Blob([await inflate("{code}")], { type: "text/javascript" }));
const { default: player } = await import(address);
const style = await inflate("{style}");
export default {
  render: async (context) =>
    player.render({ ...context, style, film: JSON.parse(await inflate(context.model.get("film"))) }),
};
