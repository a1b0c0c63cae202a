// What an explorer needs only when it is asked for: a module of its own, which a page holds once.

import { LinkCode } from "./code.js";
import { openSphere } from "./own_sphere.js";
import { entries } from "./takehome.js";

export default { entries, LinkCode, openSphere };
