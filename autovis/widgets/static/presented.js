// @ts-check
// The presenter's view on a page of its own.

import { open } from "./open.js";
import { mountPresenter } from "./presenter.js";

open(mountPresenter);
