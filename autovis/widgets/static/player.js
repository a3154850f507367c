// @ts-check
// The player as a widget.

import { mount } from "./mount.js";
import { widgetOf } from "./widget.js";

export default widgetOf(mount, true);
