// @ts-check
// Two films in step as a widget.

import { mountPair } from "./compare.js";
import { widgetOf } from "./widget.js";

export default widgetOf(mountPair);
