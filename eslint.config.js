import js from "@eslint/js";
import globals from "globals";

const rules = {
  ...js.configs.recommended.rules,
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "no-shadow": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-var": "error",
  "prefer-const": "error",
};

export default [
  { ignores: ["book/_static/vendor/"] },
  {
    files: ["sphere_toolkit/**/*.js"],
    ignores: ["sphere_toolkit/explore/_page/host/"],
    languageOptions: { globals: globals.browser },
    rules,
  },
  {
    files: ["book/_static/*.js", "sphere_toolkit/explore/_page/host/*.js"],
    languageOptions: {
      // The second is Sphinx's.
      globals: { ...globals.browser, DOCUMENTATION_OPTIONS: "readonly" },
      sourceType: "script",
    },
    rules,
  },
  { files: ["tests/javascript/*.js", "eslint.config.js"], languageOptions: { globals: globals.node }, rules },
];
