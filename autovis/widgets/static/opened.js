// @ts-check
// The player on a page of its own.

import { mount } from "./mount.js";
import { open } from "./open.js";

open(mount);
