// What an explorer needs only when it is asked for: a module of its own, which a page holds once.

import { openSphere } from "./own_sphere.js";
import { entries } from "./takehome.js";

export default { entries, openSphere };
