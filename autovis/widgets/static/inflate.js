// @ts-check

/** Unpack a text that Python has deflated. @param {string} text @returns {Promise<string>} */
export const inflate = (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
};
