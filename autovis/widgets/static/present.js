// @ts-check
// The presenter's view as a widget.

import { mountPresenter } from "./presenter.js";
import { widgetOf } from "./widget.js";

export default widgetOf(mountPresenter, true);
