// @ts-check
// All that a saved page runs by itself: it unpacks the player, whose digest the policy of the page names.

import { inflate } from "./inflate.js";

/** Run the module that lies packed in the page. */
async function unpack() {
  const script = document.createElement("script");
  script.type = "module";
  script.textContent = await inflate(document.getElementById("code")?.textContent ?? "");
  document.body.append(script);
}

unpack();
