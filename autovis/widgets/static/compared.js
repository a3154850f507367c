// @ts-check
// Two films in step on a page of their own.

import { mountPair } from "./compare.js";
import { open } from "./open.js";

open(mountPair);
