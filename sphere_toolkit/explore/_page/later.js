// What an explorer needs only when it is asked for: a module of its own, which a page holds once.

import { arriveAt } from "./arrival.js";
import { LinkCode } from "./code.js";
import { openSphere } from "./own_sphere.js";
import { entries } from "./takehome.js";

export default { arriveAt, entries, LinkCode, openSphere };
